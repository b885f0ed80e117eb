import type { Schema } from "./OpenApi";
import { Prose } from "./Prose";
import { TypeText } from "./TypeText";

/** The properties of an object, and those of objects within it. */
export function Fields({ schema }: { schema: Schema }) {
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0) return null;
  return (
    <dl class="fields">
      {properties.map(([name, field]) => (
        <Field
          key={name}
          name={name}
          schema={field}
          description={field.description}
          isRequired={schema.required?.includes(name) ?? false}
        />
      ))}
    </dl>
  );
}

/** One parameter, header or property. */
export function Field({
  name,
  schema,
  description,
  isRequired,
}: {
  name: string;
  schema: Schema;
  description: string | undefined;
  isRequired: boolean;
}) {
  return (
    <div>
      <dt>
        <code>{name}</code>
        {isRequired && <span class="required">required</span>}
        <TypeText schema={schema} />
      </dt>
      <dd>
        <Prose text={description} />
        <Fields schema={schema.items ?? schema.oneOf?.find((one) => one.properties) ?? schema} />
      </dd>
    </div>
  );
}
