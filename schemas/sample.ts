/** The bundled sample company is an organisation of its own, so that it can be told apart and removed. */
export const sample_organization_id = 'sample';
/** One that no real company can have. */
export const sample_domain = 'harbourline.example';
