/** The words of the page. Messages of policies are in English, as in a cluster. */

const en = {
  playground: "playground",
  example: "Example",
  chooseRule: "Choose a rule",
  copyAs: "Copy as",
  chooseForm: "Choose a form",
  share: "Copy link",
  theme: "Light or dark",
  language: "Language",
  input: "Input",
  manifest: "Manifest",
  old: "Before the update",
  settings: "Settings",
  keyboard: "Escape, then Tab, leaves the editor.",
  findings: "Findings",
  policies: "Policies",
  leftOut: (names: string) => `${names} judge what only the image shows and are left out here: use seaworthy check --images registry.`,
  reading: (name: string) => `${name} reads the reports of a scanner in the cluster: use seaworthy check --policy ${name} --cluster FILE.`,
  apart: (names: string) => `${names} judges Secrets too and is a module of its own: use seaworthy check --policy ${names}.`,
  module: "Any Kubewarden module",
  moduleHint: "Drop a .wasm file on the page, or choose one. It judges the same requests, and stays in your browser.",
  moduleFile: "Module",
  private: "Everything runs in this page. Manifests, settings and modules never leave your browser.",
  line: "line",
  fix: "Apply the fix",
  explain: "Why?",
  guide: "Guide",
  bad: "Rejected",
  good: "Accepted",
  denies: (denials: number, objects: number) =>
    `${count(denials, "finding")} in ${count(objects, "object")}: a cluster rejects this`,
  warns: (warnings: number) => `Accepted, with ${count(warnings, "warning")}`,
  clean: (objects: number) => `Accepted: nothing found in ${count(objects, "object")}`,
  empty: "No Kubernetes object yet: write or paste a manifest",
  unread: (errors: number) => `${count(errors, "part")} of the input cannot be read`,
  settingsFault: "The settings are not valid",
  copied: "Copied",
  nothingToCopy: "There is no object to copy a request of",
  notCopied: "The browser does not allow copying",
  deny: "denied",
  warn: "warning",
  existing: "there before",
  trusted: "trusted",
  exempt: "exempt",
  error: "error",
  accepted: "accepts",
  rejected: "rejects",
  notWapc: {
    rego: "This is a Rego policy. It needs the host of Open Policy Agent and cannot run here.",
    wasi: "This is a WASI policy, which reads its request from standard input. It cannot run here.",
    unknown: "This is not a policy module of Kubewarden.",
  },
  notWasm: "This is not a WebAssembly module.",
  remove: "Remove",
};

const ja: typeof en = {
  playground: "プレイグラウンド",
  example: "例",
  chooseRule: "ルールを選択",
  copyAs: "コピー",
  chooseForm: "形式を選択",
  share: "リンクをコピー",
  theme: "ライト／ダーク",
  language: "言語",
  input: "入力",
  manifest: "マニフェスト",
  old: "更新前",
  settings: "設定",
  keyboard: "Escape キーの後に Tab キーで、エディターから移動できます。",
  findings: "検出結果",
  policies: "ポリシー",
  leftOut: (names) => `${names} はイメージそのものを調べるため、ここでは判定しません。seaworthy check --images registry を使ってください。`,
  reading: (name) => `${name} はクラスター内のスキャナーのレポートを読みます。seaworthy check --policy ${name} --cluster FILE を使ってください。`,
  apart: (names) => `${names} は Secret も判定する独立したモジュールです。seaworthy check --policy ${names} を使ってください。`,
  module: "任意の Kubewarden モジュール",
  moduleHint: ".wasm ファイルをページにドロップするか、選択してください。同じリクエストを判定し、ファイルはブラウザーの外に出ません。",
  moduleFile: "モジュール",
  private: "すべてこのページの中で動きます。マニフェスト、設定、モジュールがブラウザーの外に送られることはありません。",
  line: "行",
  fix: "修正を適用",
  explain: "理由",
  guide: "ガイド",
  bad: "拒否される例",
  good: "許可される例",
  denies: (denials, objects) => `${objects} 個のオブジェクトに ${denials} 件の違反：クラスターは拒否します`,
  warns: (warnings) => `許可（警告 ${warnings} 件）`,
  clean: (objects) => `許可：${objects} 個のオブジェクトに問題はありません`,
  empty: "Kubernetes オブジェクトがありません。マニフェストを入力してください",
  unread: (errors) => `入力のうち ${errors} か所が読み取れません`,
  settingsFault: "設定が正しくありません",
  copied: "コピーしました",
  nothingToCopy: "リクエストにするオブジェクトがありません",
  notCopied: "ブラウザーがコピーを許可していません",
  deny: "拒否",
  warn: "警告",
  existing: "更新前から",
  trusted: "信頼",
  exempt: "除外",
  error: "エラー",
  accepted: "許可",
  rejected: "拒否",
  notWapc: {
    rego: "これは Rego ポリシーです。Open Policy Agent のホストが必要なため、ここでは実行できません。",
    wasi: "これは標準入力からリクエストを読む WASI ポリシーです。ここでは実行できません。",
    unknown: "これは Kubewarden のポリシーモジュールではありません。",
  },
  notWasm: "これは WebAssembly モジュールではありません。",
  remove: "削除",
};

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** The languages of the page. */
export const LANGUAGES = { en, ja };

export type Language = keyof typeof LANGUAGES;
export type Texts = typeof en;

/** Fills in the words of the document. */
export function translate(language: Language): Texts {
  const texts = LANGUAGES[language];
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll<HTMLElement>("[data-text]")) {
    const text = texts[element.dataset["text"] as keyof Texts];
    if (typeof text === "string") element.textContent = text;
  }
  return texts;
}
