/** The bundled sample company is an organisation of its own, so that it can be told apart and removed. */
export const sample_organization_id = 'sample';
