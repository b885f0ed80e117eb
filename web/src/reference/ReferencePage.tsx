import { ThemeButton } from "../view/controls/ThemeButton";
import { CallCard } from "./CallCard";
import { Fields } from "./Fields";
import { groupByTag } from "./groupByTag";
import type { OpenApi } from "./OpenApi";
import { Prose } from "./Prose";
import { TypeText } from "./TypeText";

/** The whole reference, with a table of contents. */
export function ReferencePage({ document }: { document: OpenApi }) {
  const groups = groupByTag(document);
  const schemas = Object.entries(document.components.schemas);
  return (
    <>
      <header class="top">
        <a class="brand" href="./">
          <img src="favicon.svg" alt="" width="28" height="28" />
          Mocast
        </a>
        <h1>HTTP API, version {document.info.version}</h1>
        <span class="space" />
        <a href="openapi.yaml">openapi.yaml</a>
        <a href="openapi.json">openapi.json</a>
        <ThemeButton />
      </header>
      <div class="columns">
        <nav aria-label="Calls">
          {groups.map((group) => (
            <section key={group.name}>
              <h2>
                <a href={`#tag-${group.name}`}>{group.name}</a>
              </h2>
              <ul>
                {group.calls.map(({ operation, method }) => (
                  <li key={operation.operationId}>
                    <a href={`#${operation.operationId}`}>
                      <span class={`method is-${method}`}>{method}</span>
                      {operation.summary}
                    </a>
                  </li>
                ))}
              </ul>
            </section>
          ))}
          <h2>
            <a href="#schemas">schemas</a>
          </h2>
        </nav>
        <main>
          <Prose text={document.info.description} />
          <p>
            Every error is <code>application/problem+json</code>: a <a href="#schema-Problem">Problem</a>.
          </p>
          {groups.map((group) => (
            <section key={group.name} id={`tag-${group.name}`}>
              <h2>{group.name}</h2>
              <Prose text={group.description} />
              {group.calls.map((call) => (
                <CallCard key={call.operation.operationId} document={document} call={call} />
              ))}
            </section>
          ))}
          <section id="schemas">
            <h2>schemas</h2>
            {schemas.map(([name, schema]) => (
              <article class="card" key={name} id={`schema-${name}`}>
                <h3>
                  <code>{name}</code> {!schema.properties && <TypeText schema={schema} />}
                </h3>
                <Prose text={schema.description} />
                <Fields schema={schema} />
              </article>
            ))}
          </section>
        </main>
      </div>
    </>
  );
}
