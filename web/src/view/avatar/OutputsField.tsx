import { type Output, outputPorts } from "mocast-client";
import { useRef } from "preact/hooks";
import type { RoomOutputs } from "../../state/RoomOutputs";
import { Switch } from "../controls/Switch";
import { useStore } from "../controls/useStore";
import { asSentence } from "../text/asSentence";
import { requestFailureText } from "../text/requestFailureText";
import { outputKinds, outputLabels } from "./outputLabels";

/** The outputs that the server itself sends to, one of each kind; others that were set over the API stay. */
export function OutputsField({ outputs }: { outputs: RoomOutputs }) {
  const own = useStore(outputs.list).filter(({ fixed }) => !fixed);
  const failure = useStore(outputs.failure);
  return (
    <fieldset class="field outputs">
      <legend>Or let the server send to its own network</legend>
      {outputKinds.map((kind) => {
        const output = own.find((one) => one.kind === kind) ?? null;
        const others = own.filter((one) => one !== output);
        return (
          <OutputRow
            key={kind}
            label={outputLabels[kind].label}
            port={outputPorts[kind]}
            output={output}
            onChange={(address) =>
              void outputs.set(address ? [...others, { ...output, kind, ...address }] : others)
            }
          />
        );
      })}
      {failure && (
        <p class="remark" role="alert">
          {requestFailureText(failure)}
        </p>
      )}
    </fieldset>
  );
}

interface RowProps {
  readonly label: string;
  /** The app's default port. */
  readonly port: number;
  readonly output: Output | null;
  /** `null`: send no more. */
  onChange(address: { host: string; port: number } | null): void;
}

function OutputRow({ label, port: usualPort, output, onChange }: RowProps) {
  const field = useRef<HTMLInputElement>(null);
  const apply = () => onChange(parseAddress(field.current?.value ?? "", usualPort));
  return (
    <div class="output">
      <Switch
        label={label}
        hint="Send from the server"
        isOn={output !== null}
        onChange={(isOn) => (isOn ? apply() : onChange(null))}
      />
      <input
        ref={field}
        type="text"
        // Changes what is shown as long as nobody typed.
        defaultValue={addressText(output ?? { host: "127.0.0.1", port: usualPort })}
        aria-label={`Address for ${label}`}
        spellcheck={false}
        onChange={() => output && apply()}
      />
      {output && <small>{asSentence(output.detail || output.state)}</small>}
    </div>
  );
}

function addressText({ host, port }: { host: string; port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** `host:port`, `[v6]:port` or a host alone. */
function parseAddress(text: string, usualPort: number): { host: string; port: number } {
  const [, bracketed, plain, port] = /^\s*(?:\[(.+)\]|([^:]*))(?::(\d+))?\s*$/.exec(text) ?? [];
  return { host: bracketed ?? plain ?? text.trim(), port: port ? Number(port) : usualPort };
}
