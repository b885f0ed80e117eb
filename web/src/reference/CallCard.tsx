import { Field, Fields } from "./Fields";
import type { Call } from "./groupByTag";
import type { Body, OpenApi } from "./OpenApi";
import { Prose } from "./Prose";
import { resolve } from "./resolve";
import { TypeText } from "./TypeText";

/** One call: where it goes, what it takes, what it answers. */
export function CallCard({ document, call }: { document: OpenApi; call: Call }) {
  const { method, path, operation, parameters } = call;
  return (
    <article class="card call" id={operation.operationId}>
      <h3>
        <a class={`method is-${method}`} href={`#${operation.operationId}`}>
          {method}
        </a>
        <code>{path}</code>
        <span>{operation.summary}</span>
      </h3>
      <Prose text={operation.description} />
      {parameters.length > 0 && (
        <>
          <h4>Parameters</h4>
          <dl class="fields">
            {parameters.map((one) => (
              <Field
                key={one.name}
                name={one.in === "query" ? one.name : `${one.name} (${one.in})`}
                schema={one.schema}
                description={one.description}
                isRequired={one.required ?? false}
              />
            ))}
          </dl>
        </>
      )}
      {operation.requestBody && (
        <>
          <h4>Body{operation.requestBody.required ? "" : " (may be left out)"}</h4>
          <Prose text={operation.requestBody.description} />
          <Content body={operation.requestBody} />
        </>
      )}
      <h4>Answers</h4>
      <dl class="answers">
        {Object.entries(operation.responses).map(([status, response]) => (
          <Answer key={status} status={status} body={resolve(document, response)} document={document} />
        ))}
      </dl>
    </article>
  );
}

function Answer({ document, status, body }: { document: OpenApi; status: string; body: Body }) {
  const headers = Object.entries(body.headers ?? {});
  return (
    <div class={status < "400" ? "" : "is-error"}>
      <dt>{status}</dt>
      <dd>
        <Prose text={body.description} />
        {/* Every error is a Problem, which the top of the page says once. */}
        {status < "400" && <Content body={body} />}
        {status < "400" && headers.length > 0 && (
          <dl class="fields">
            {headers.map(([name, header]) => {
              const { schema, description, required } = resolve(document, header);
              return (
                <Field
                  key={name}
                  name={name}
                  schema={schema}
                  description={description}
                  isRequired={required ?? false}
                />
              );
            })}
          </dl>
        )}
      </dd>
    </div>
  );
}

function Content({ body }: { body: Body }) {
  return (
    <>
      {Object.entries(body.content ?? {}).map(([type, { schema }]) => (
        <div class="content" key={type}>
          <code>{type}</code> {schema && <TypeText schema={schema} />}
          {schema && <Fields schema={schema} />}
        </div>
      ))}
    </>
  );
}
