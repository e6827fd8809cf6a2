/** `/docs`: the API, told from its own contract. */
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Logo } from './components/logo.tsx';
import { Command, Failure, Loading } from './components/states.tsx';
import {
  type Answer,
  curlOf,
  type Field,
  fieldsOf,
  type OpenApi,
  type Operation,
  operationsOf,
  type Parameter,
  type Schema,
  typeOf,
} from './contract.ts';
import './style.css';
import './styles/docs.css';

function Docs() {
  const [document, setDocument] = useState<OpenApi | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [wanted, setWanted] = useState('');
  const load = (): void => {
    setError(null);
    fetch('/openapi.json')
      .then(async answer => setDocument((await answer.json()) as OpenApi))
      .catch(() => setError('The contract cannot be read: the API does not answer.'));
  };
  useEffect(load, []);
  if (error !== null) return <Failure error={error} onRetry={load} />;
  if (document === null) return <Loading rows={12} label="The contract is being read" />;
  const headings = [...operationsOf(document)]
    .map(([tag, operations]) => [tag, operations.filter(one => speaksOf(one, wanted))] as const)
    .filter(([, operations]) => operations.length > 0);
  return (
    <div class="docs">
      <nav aria-label="Operations">
        <h1>
          <Logo /> <a href="/">Millrace</a> API {document.info.version}
        </h1>
        <input
          type="search"
          placeholder="Find an operation"
          aria-label="Find an operation"
          value={wanted}
          onInput={event => setWanted(event.currentTarget.value)}
        />
        {headings.map(([tag, operations]) => (
          <section key={tag}>
            <h2>{tag}</h2>
            <ul>
              {operations.map(({ id, method, path }) => (
                <li key={id}>
                  <a href={`#${id}`}>
                    <Method>{method}</Method> {path}
                  </a>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </nav>
      <main>
        <p>
          {document.info.description} The same for programs: <a href="/openapi.json">/openapi.json</a>. A token:
        </p>
        <Command>{'TOKEN=$(npx millrace token)'}</Command>
        {headings.map(([tag, operations]) => (
          <section key={tag}>
            <h2>{tag}</h2>
            {operations.map(one => (
              <OperationDocs key={one.id} operation={one} document={document} />
            ))}
          </section>
        ))}
        <section>
          <h2>Schemas</h2>
          {Object.entries(document.components.schemas).map(([name, schema]) => (
            <article key={name} id={name}>
              <h3>{name}</h3>
              {schema.description && <p>{schema.description}</p>}
              <Fields fields={fieldsOf(schema, document)} document={document} />
            </article>
          ))}
        </section>
      </main>
    </div>
  );
}

const speaksOf = ({ path, summary, method }: Operation, wanted: string): boolean =>
  wanted
    .toLowerCase()
    .split(/\s+/)
    .every(word => `${method} ${path} ${summary}`.toLowerCase().includes(word));

const Method = ({ children }: { children: string }) => (
  <code class={`method ${children.toLowerCase()}`}>{children}</code>
);

interface Told {
  readonly document: OpenApi;
}

function OperationDocs({ operation, document }: Told & { operation: Operation }) {
  const { id, method, path, summary, access, parameters, body, answers, problems } = operation;
  return (
    <article id={id}>
      <h3>
        <Method>{method}</Method> <code>{path}</code>
      </h3>
      <p>
        <Words>{summary}</Words>.{' '}
        <span class="access">{access === null ? 'Open to anybody' : `Takes the right: ${access}`}.</span>
      </p>
      <Command>{curlOf(operation, location.origin)}</Command>
      {parameters.length > 0 && (
        <Fields fields={parameters.map(one => parameterField(one, document))} document={document} />
      )}
      {body !== null && <Part title={`Body: ${body.content_type}`} schema={body.schema} document={document} />}
      {answers.map((answer: Answer) => (
        <Part
          key={answer.status}
          title={`${answer.status}: ${answer.description} (${answer.content_type})`}
          schema={answer.schema}
          document={document}
        />
      ))}
      <p class="problems">Problems: {problems.join(', ')}</p>
    </article>
  );
}

const parameterField = ({ name, in: place, required, description, schema }: Parameter, document: OpenApi): Field => ({
  name: place === 'query' ? name : `${name} (${place})`,
  type: typeOf(schema, document),
  required,
  description: description ?? schema.description ?? '',
});

function Part({ title, schema, document }: Told & { title: string; schema: Schema }) {
  return (
    <details>
      <summary>
        <Words>{title}</Words> <Type document={document}>{typeOf(schema, document)}</Type>
      </summary>
      <Fields fields={fieldsOf(schema, document)} document={document} />
    </details>
  );
}

function Fields({ fields, document }: Told & { fields: readonly Field[] }) {
  if (fields.length === 0) return null;
  return (
    <table>
      <tbody>
        {fields.map(({ name, type, required, description }) => (
          <tr key={name}>
            <th scope="row">
              <code>{name}</code>
              {required && <abbr title="required">*</abbr>}
            </th>
            <td>
              <Type document={document}>{type}</Type> <Words>{description}</Words>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Text in which backticks stand around code. */
const Words = ({ children }: { children: string }) => (
  <>{children.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))}</>
);

/** With a link to the schema that it names. */
function Type({ children, document }: Told & { children: string }) {
  const [, name] = /(?:^|list of )(\w+)$/.exec(children) ?? [];
  const known = name !== undefined && Object.hasOwn(document.components.schemas, name);
  return <code class="type">{known ? <a href={`#${name}`}>{children}</a> : children}</code>;
}

const root = document.getElementById('app');
if (root !== null) render(<Docs />, root);
