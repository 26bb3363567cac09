"""Japanese for the strings that Gradio has in English only; its other ones follow the browser's language by themselves.

launch(head=HEAD + script())

On a Japanese page a few lines of script exchange exactly these strings, where they stand as text, label or tooltip, and nothing
else. A browser test opens every page and fails on English that is left.
"""

import json

GRADIO_JAPANESE: dict[str, str] = {
    "Click to Access Webcam": "ここを押してカメラを許可",
    "Error": "エラー",
    "Warning": "注意",
    "Info": "お知らせ",
    "More tabs": "ほかのページ",
    "Click to upload or drop files": "押してファイルを選ぶか、ここにドロップ",
    "Drop an image file here to upload": "写真をここにドロップ",
    "Upload file": "ファイルを選ぶ",
    "Capture from camera": "カメラで撮る",
    "Paste from clipboard": "クリップボードから貼り付け",
    "Remove this file": "このファイルを除く",
    "Remove Image": "写真を除く",
    "Clear": "消す",
    "Close": "閉じる",
    "Download": "ダウンロード",
    "Fullscreen": "全画面",
    "Exit fullscreen mode": "全画面をやめる",
    "View in full screen": "全画面で見る",
    "Previous image": "前の写真",
    "Next image": "次の写真",
    "Table actions": "表の操作",
    "Copy table data": "表をコピー",
    "Gradio footer navigation": "ページの下のリンク",
    "capture photo": "撮影",
    "grant webcam access": "カメラを許可",
    "select input source": "カメラを選ぶ",
    "start recording": "開始",
    "stop recording": "停止",
    "Play": "再生",
    "Pause": "一時停止",
    "play-pause-replay-button": "再生と一時停止",
    "full-screen": "全画面",
    "Reset to default value": "元に戻す",
    # Told to screen readers, by names that Gradio's locales lack.
    "common.complete": "完了しました",
    "common.progress": "処理しています",
    "status.queue_position": "順番を待っています",
}
NUMBERED: dict[str, str] = {
    r"^processing \|$": "処理中 |",
    r"^queue: (\d+)/(\d*) \|$": "順番待ち $1/$2 |",
    r"^Invalid file types?: (.+)\. Only (.+) allowed\.$": "$1 の形式は使えません。使える形式: $2。"
    "iPhone の HEIC は JPEG に保存し直してください。",
    r"^Thumbnail (\d+) of (\d+)$": "$2 枚中 $1 枚目",
    r"^Dismiss (?:error|warning|info) message$": "閉じる",
}
"""Regular expressions of JavaScript, and what stands for what they match."""

_SCRIPT = """
<script>
(() => {
  if (!navigator.language.toLowerCase().startsWith("ja")) return;
  const words = new Map(Object.entries(WORDS));
  const numbered = Object.entries(NUMBERED).map(([before, after]) => [new RegExp(before), after]);
  const names = ["aria-label", "title", "placeholder", "alt"];
  const told = (line) => {
    const plain = line.trim();
    if (words.has(plain)) return line.replace(plain, words.get(plain));
    for (const [before, after] of numbered) if (before.test(plain)) return plain.replace(before, after);
    return line;
  };
  const text = (node) => { const now = told(node.data); if (now !== node.data) node.data = now; };
  const label = (element) => {
    for (const name of names) {
      const line = element.getAttribute(name);
      if (line && told(line) !== line) element.setAttribute(name, told(line));
    }
  };
  const all = (root) => {
    if (root.nodeType === Node.TEXT_NODE) return text(root);
    if (root.nodeType !== Node.ELEMENT_NODE || root.closest(".taido, .prose")) return;
    label(root);
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (walk.nextNode()) walk.currentNode.nodeType === Node.TEXT_NODE ? text(walk.currentNode) : label(walk.currentNode);
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData") text(change.target);
      else if (change.type === "attributes") label(change.target);
      else change.addedNodes.forEach(all);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: names });
})();
</script>
"""


def script() -> str:
    """HTML for the head of the page."""
    known = json.dumps(GRADIO_JAPANESE, ensure_ascii=False)
    return _SCRIPT.replace("WORDS", known).replace("NUMBERED", json.dumps(NUMBERED, ensure_ascii=False))
