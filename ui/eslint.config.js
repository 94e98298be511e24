// The rules for the page's source: strict types, the rules of hooks, and what the page must never do.

import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const forbidden = [
  {
    selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
    message: "What comes from the API is hostile: show it as text.",
  },
  {
    selector: "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]",
    message: "What comes from the API is hostile: show it as text.",
  },
  {
    selector: "CallExpression[callee.name='fetch']",
    message: "Only src/api/client.ts asks the server.",
  },
];

export default tseslint.config(
  { ignores: ["node_modules", "*.js", "*.config.ts"] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    files: ["{src,tests}/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "max-lines": ["error", 500],
      "no-restricted-syntax": ["error", ...forbidden],
      // A number in a text reads best where it stands.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // An arrow that only calls something reads best on one line.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  { files: ["src/api/client.ts"], rules: { "no-restricted-syntax": ["error", ...forbidden.slice(0, 2)] } },
);
