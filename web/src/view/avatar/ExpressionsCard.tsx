import type { AvatarController } from "../../state/AvatarController";
import { useStore } from "../controls/useStore";

/** Expressions to hold, by a button or a number key. */
export function ExpressionsCard({ avatar }: { avatar: AvatarController }) {
  const { names, held } = useStore(avatar.expressions);
  if (names.length === 0) return null;
  return (
    <section class="card">
      <h2>Expressions</h2>
      <fieldset class="field">
        <legend>Hold one, here or by its number key</legend>
        <div class="chips">
          {names.map((name, index) => (
            <label key={name} class="chip">
              <input
                type="checkbox"
                checked={name === held}
                onChange={() => avatar.view?.toggleExpression(index)}
              />
              <span>
                {index + 1} {name}
              </span>
            </label>
          ))}
        </div>
      </fieldset>
    </section>
  );
}
