import type { ComponentChildren } from "preact";
import { bounds } from "./bounds";
import type { Schema } from "./OpenApi";

const PREFIX = "#/components/schemas/";

/** A schema in one line: its type with a link where it has a name, its values, its bounds, its default. */
export function TypeText({ schema }: { schema: Schema }) {
  const extra = bounds(schema);
  return (
    <span class="type">
      <Kind schema={schema} />
      {extra && <span class="faint"> {extra}</span>}
    </span>
  );
}

function Kind({ schema }: { schema: Schema }): ComponentChildren {
  if (schema.$ref) {
    const name = schema.$ref.replace(PREFIX, "");
    return <a href={`#schema-${name}`}>{name}</a>;
  }
  const several = schema.oneOf ?? schema.allOf;
  if (several) return several.map((one, index) => [index > 0 && " or ", <Kind schema={one} key={index} />]);
  if (schema.items) return ["array of ", <TypeText schema={schema.items} key="items" />];
  const values = schema.enum ?? ("const" in schema ? [schema.const] : undefined);
  if (values)
    return values.map((value, index) => [index > 0 && " | ", <code key={index}>{String(value)}</code>]);
  return [schema.type ?? "any"].flat().join(" or ");
}
