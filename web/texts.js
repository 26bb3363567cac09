// Every word of the page, in English and in Japanese. Class names that are not known are shown as they are.

export const TEXTS = {
  en: {
    title: "Taido in the browser",
    tagline: "Shows which attitude is visible in a picture of one student. Everything is computed in this browser.",
    privacy: "No picture leaves this device: the page has no server that could take one, and its rules forbid it to send anything.",
    loading: "The model is being loaded …",
    ready: "Ready. The model is {file}, {width} x {height} pixels.",
    failed: "The model does not start: {reason}",
    drop: "Drop pictures here, or choose them",
    one: "One picture is taken as one student. To find the students of a class, use the app.",
    webcam: "Start the webcam",
    stop: "Stop the webcam",
    webcam_refused: "The webcam is not available ({reason}). A page from another machine needs https, and the browser asks for permission.",
    unreadable: "{name} cannot be read as a picture. Use JPEG, PNG, WebP, GIF or BMP.",
    behaviour: "These are visible behaviours as a program saw them. They do not say why, and the program errs.",
    language: "日本語",
    clear: "Clear",
    picture: "Picture",
    webcam_title: "Webcam, this moment",
    "looking-ahead": "Looking ahead",
    "looking-down": "Looking down",
    sleep: "Sleeping",
    "touching-pda": "Touching a phone",
  },
  ja: {
    title: "ブラウザーで動く Taido",
    tagline: "生徒ひとりの写真に見える行動を示します。計算はすべてこのブラウザーの中で行われます。",
    privacy: "写真はこの端末から出ません。受け取るサーバーはなく、ページの規則が送信を禁じています。",
    loading: "モデルを読み込んでいます…",
    ready: "準備ができました。モデルは {file}、{width} x {height} ピクセルです。",
    failed: "モデルを開始できません: {reason}",
    drop: "写真をここにドロップするか、選んでください",
    one: "写真 1 枚を生徒ひとりとして扱います。教室の生徒を見つけるにはアプリを使ってください。",
    webcam: "ウェブカメラを開始",
    stop: "ウェブカメラを停止",
    webcam_refused: "ウェブカメラを使えません ({reason})。別の機械のページには https が必要で、ブラウザーの許可も必要です。",
    unreadable: "{name} は写真として読めません。JPEG、PNG、WebP、GIF、BMP を使ってください。",
    behaviour: "これはプログラムに見えた行動です。理由は示さず、誤ることもあります。",
    language: "English",
    clear: "消去",
    picture: "写真",
    webcam_title: "ウェブカメラ、現在",
    "looking-ahead": "前を見ている",
    "looking-down": "下を見ている",
    sleep: "眠っている",
    "touching-pda": "スマホを触っている",
  },
};

/** `text("ja", "ready", {file: "a.onnx"})`; an unknown key is its own text. */
export function text(language, key, values = {}) {
  const pattern = TEXTS[language][key] ?? key;
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
