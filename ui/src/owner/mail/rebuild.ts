// A mail's HTML as it can stand on a page of ours: only the elements and styles that mails are made of, links that lead
// nowhere, and light or dark as it is asked for, not as this machine is set. What comes from a relay is built anew, node
// by node; nothing of it is taken as it is.

/** What a mail is made of, and what stands for it here: a page has one `main` and its own heads. */
const ELEMENTS: Record<string, string> = {
  BODY: "div", MAIN: "div", FOOTER: "div", DIV: "div", H1: "div", H2: "div", H3: "div",
  TABLE: "table", TBODY: "tbody", TR: "tr", TD: "td", P: "p", A: "span", UL: "ul", OL: "ol", LI: "li",
  STRONG: "strong", EM: "em", BLOCKQUOTE: "blockquote", BR: "br", SPAN: "span", HR: "hr",
};
const ATTRIBUTES = ["style", "role", "width", "align", "cellpadding", "cellspacing", "aria-hidden"];

/** The mail's body, in light or dark. */
export function rebuilt(html: string, dark: boolean): HTMLElement {
  // The sheets are taken out before it is read: the window lets none in that is not its own, and says so.
  const styles: string[] = [];
  const bare = html.replace(/<style[^>]*>([\s\S]*?)<\/style>/gi, (_, style: string) => (styles.push(style), ""));
  const mail = new DOMParser().parseFromString(bare, "text/html");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles.join("\n"));
  apply(mail, [...sheet.cssRules], dark);
  return copied(mail.body);
}

/** Puts the styles of a sheet onto the elements themselves. */
function apply(mail: Document, rules: CSSRule[], dark: boolean): void {
  for (const rule of rules) {
    if (rule instanceof CSSMediaRule) {
      if (dark && rule.conditionText.includes("dark")) apply(mail, [...rule.cssRules], dark);
    } else if (rule instanceof CSSStyleRule) {
      for (const element of mail.querySelectorAll<HTMLElement>(rule.selectorText)) {
        for (const name of rule.style) {
          const priority = rule.style.getPropertyPriority(name);
          const before = element.style.getPropertyValue(name);
          if (priority || !before) element.style.setProperty(name, rule.style.getPropertyValue(name), priority);
        }
      }
    }
  }
}

function copied(from: Element): HTMLElement {
  const to = document.createElement(ELEMENTS[from.tagName] ?? "span");
  for (const name of ATTRIBUTES) {
    const value = from.getAttribute(name);
    if (value === null) continue;
    // Through the style itself: the window lets no sheet in that is not its own.
    if (name === "style") to.style.cssText = value;
    else to.setAttribute(name, value);
  }
  if (/^H[1-3]$/.test(from.tagName)) {
    to.setAttribute("role", "heading");
    // What a head is by itself.
    to.style.fontWeight ||= "bold";
    to.setAttribute("aria-level", String(Number(from.tagName.slice(1)) + 2));
  }
  const address = from.tagName === "A" ? from.getAttribute("href") : null;
  if (address) to.title = address;
  for (const node of from.childNodes) {
    if (node instanceof Text) to.append(node.data);
    else if (node.nodeType === Node.TEXT_NODE) to.append(node.textContent ?? "");
    else if (node.nodeType === Node.ELEMENT_NODE && !/^(STYLE|SCRIPT|TEMPLATE)$/i.test((node as Element).tagName)) to.append(copied(node as Element));
  }
  return to;
}
