/** An editor for YAML. */

import { autocompletion, type CompletionSource } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, defaultHighlightStyle, indentOnInput, syntaxHighlighting, HighlightStyle } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** Colours that are readable on dark and light ground: they follow the theme of the page. */
const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--key)" },
  { tag: [tags.string, tags.content], color: "var(--text)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--number)" },
  { tag: tags.comment, color: "var(--quiet)" },
]);

/** A place in a text as reports have it: from 1, columns in Unicode characters. */
export interface Place {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export class Editor {
  readonly #view: EditorView;
  readonly #label = new Compartment();

  constructor(parent: HTMLElement, text: string, changed: () => void, completions?: CompletionSource) {
    this.#view = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          lintGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          highlightActiveLine(),
          yaml(),
          syntaxHighlighting(colours),
          syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          autocompletion(completions ? { override: [completions] } : { activateOnTyping: false }),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          EditorView.lineWrapping,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed();
          }),
          this.#label.of([]),
        ],
      }),
    });
  }

  /** The name of the editor for screen readers. */
  set label(label: string) {
    const attributes = EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" });
    this.#view.dispatch({ effects: this.#label.reconfigure(attributes) });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  /** Replaces the text; what is the same stays, and with it the cursor. */
  set text(text: string) {
    const before = this.text;
    if (text === before) return;
    let start = 0;
    while (start < Math.min(text.length, before.length) && text[start] === before[start]) start++;
    let end = 0;
    const most = Math.min(text.length, before.length) - start;
    while (end < most && text[text.length - 1 - end] === before[before.length - 1 - end]) end++;
    this.#view.dispatch({
      changes: { from: start, to: before.length - end, insert: text.slice(start, text.length - end) },
    });
  }

  /** Underlines findings. */
  show(diagnostics: Diagnostic[]): void {
    this.#view.dispatch(setDiagnostics(this.#view.state, diagnostics));
  }

  /** The offsets of a place. */
  range(place: Place): { from: number; to: number } {
    const from = this.#offset(place.line, place.column);
    return { from, to: Math.max(from, this.#offset(place.endLine, place.endColumn)) };
  }

  /** Selects a place and shows it. */
  select(place: Place): void {
    const { from, to } = this.range(place);
    this.#view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    this.#view.focus();
  }

  #offset(line: number, column: number): number {
    const { doc } = this.#view.state;
    const { from, text } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    // Columns count characters, offsets UTF-16 units.
    return from + Array.from(text).slice(0, column - 1).join("").length;
  }
}
