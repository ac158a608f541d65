import { useId, useState, type SyntheticEvent } from "react";
import { chooseSchedule } from "./api";
import { parseMoney, typedMoney } from "./parseMoney";
import { inWords } from "./problems";
import type { NextPayout, ScheduleKind } from "./types";

const KINDS: Record<ScheduleKind, string> = {
  daily: "Every day",
  weekly: "Once a week",
  monthly: "Once a month",
  manual: "When I ask for it",
};
const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTH_DAYS = Array.from({ length: 31 }, (_, index) => index + 1);

interface Props {
  schedule: NextPayout["schedule"];
  onChosen: (next: NextPayout) => void;
}

type Saving = { state: "idle" } | { state: "saving" } | { state: "saved" } | { state: "refused"; text: string };

/** The artisan's choice of when they are paid, and from which amount on. */
export function ScheduleForm({ schedule, onChosen }: Props) {
  const id = useId();
  const [kind, setKind] = useState<ScheduleKind>(schedule.schedule);
  const [weekday, setWeekday] = useState(schedule.weekday);
  const [monthDay, setMonthDay] = useState(schedule.month_day);
  const [minimum, setMinimum] = useState(typedMoney(schedule.minimum_minor, schedule.currency));
  const [saving, setSaving] = useState<Saving>({ state: "idle" });
  const minimumMinor = parseMoney(minimum, schedule.currency);

  const save = (event: SyntheticEvent) => {
    event.preventDefault();
    if (saving.state === "saving") return;
    if (minimumMinor === null) {
      setSaving({ state: "refused", text: `Please write the smallest payout as an amount in ${schedule.currency}, such as ${typedMoney(2500, schedule.currency)}.` });
      document.getElementById(`${id}-minimum`)?.focus();
      return;
    }
    setSaving({ state: "saving" });
    chooseSchedule({ schedule: kind, weekday, month_day: monthDay, minimum_minor: minimumMinor }).then(
      (next) => {
        setSaving({ state: "saved" });
        onChosen(next);
      },
      (error: unknown) => {
        setSaving({ state: "refused", text: inWords(error) });
      },
    );
  };

  return (
    <details>
      <summary>Change when you are paid</summary>
      <form className="schedule-form" onSubmit={save} noValidate aria-label="When you are paid">
        <div className="field">
          <label htmlFor={`${id}-kind`}>How often</label>
          <select
            id={`${id}-kind`}
            value={kind}
            onChange={(event) => {
              setKind(event.target.value as ScheduleKind);
            }}
          >
            {Object.entries(KINDS).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </div>
        {kind === "weekly" && (
          <div className="field">
            <label htmlFor={`${id}-weekday`}>On which day</label>
            <select
              id={`${id}-weekday`}
              value={weekday}
              onChange={(event) => {
                setWeekday(Number(event.target.value));
              }}
            >
              {WEEKDAYS.map((name, index) => (
                <option key={name} value={index}>
                  {name}
                </option>
              ))}
            </select>
          </div>
        )}
        {kind === "monthly" && (
          <div className="field">
            <label htmlFor={`${id}-day`}>On which day of the month</label>
            <select
              id={`${id}-day`}
              value={monthDay}
              aria-describedby={`${id}-day-hint`}
              onChange={(event) => {
                setMonthDay(Number(event.target.value));
              }}
            >
              {MONTH_DAYS.map((number) => (
                <option key={number}>{number}</option>
              ))}
            </select>
            <p className="hint" id={`${id}-day-hint`}>
              The last day where a month is shorter.
            </p>
          </div>
        )}
        <div className={saving.state === "refused" && minimumMinor === null ? "field wrong" : "field"}>
          <label htmlFor={`${id}-minimum`}>Smallest payout, in {schedule.currency}</label>
          <input
            id={`${id}-minimum`}
            value={minimum}
            inputMode="decimal"
            autoComplete="off"
            aria-invalid={saving.state === "refused" && minimumMinor === null ? true : undefined}
            aria-describedby={`${id}-minimum-hint`}
            onChange={(event) => {
              setMinimum(event.target.value);
            }}
          />
          <p className="hint" id={`${id}-minimum-hint`}>
            Less than this waits for the next time.
          </p>
        </div>
        {saving.state === "refused" && (
          <div className="notice error" role="alert">
            <p>{saving.text}</p>
          </div>
        )}
        <div className="actions">
          <button type="submit" className="button" aria-disabled={saving.state === "saving"}>
            Save
          </button>
          <span role="status">
            {saving.state === "saving" && "Saving …"}
            {saving.state === "saved" && "Saved."}
          </span>
        </div>
      </form>
    </details>
  );
}
