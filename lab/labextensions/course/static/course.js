// The course's start page in JupyterLab, as a prebuilt extension that needs no building: JupyterLab
// loads this file and asks the object at its end for its plugin.
'use strict';
(() => {
  const START = 'start.md';

  // Only of the start page, and only in the theme's own colours.
  const STYLE = `
    .course-start .jp-RenderedMarkdown { max-width: 64em; box-sizing: border-box; padding: 2em 2.5em 3em; line-height: 1.55; }
    .course-start h1 { border: 0; margin: 0 0 .6em; font-size: 1.9em; line-height: 1.25; }
    .course-start h2 { margin: 1.9em 0 .6em; font-size: 1.4em; }
    .course-start .jp-InternalAnchorLink { display: none; }
    .course-start .course-next {
      margin: 1.75em 0; padding: .75em 1.5em;
      background: var(--jp-layout-color2); color: var(--jp-content-font-color1);
      border: 1px solid var(--jp-border-color1); border-left: 6px solid var(--jp-brand-color1); border-radius: 4px;
    }
    .course-start .course-next p { margin: .5em 0; }
    .course-start .course-next strong { font-size: 1.2em; }
    .course-start .jp-RenderedMarkdown :is(p, li) a:link { text-decoration: underline; }
    .course-start code { white-space: normal; overflow-wrap: anywhere; }
    .course-start progress { width: 6em; height: .9em; margin: 0 .5em 0 0; vertical-align: -.05em; accent-color: var(--jp-brand-color1); }
    .course-start .course-next progress { width: 14em; }
    .course-start table { table-layout: auto; width: 100%; margin: 0; font-size: inherit; }
    .course-start table label { white-space: nowrap; }
    .course-start th, .course-start td { padding: .5em .75em; vertical-align: top; line-height: 1.45; }
    .course-start li { margin: .4em 0; }
  `;

  const isStart = widget => widget?.context?.path === START && !!widget.content?.node;

  // What stands on the disk is what counts, unless somebody is changing the page right here.
  async function renew({ context }) {
    await context.ready;
    if (!context.model.dirty && !context.isDisposed) await context.revert();
  }

  // A link of the page leads JupyterLab to a cell, which it brings into view; here it becomes the active
  // cell, too, so that the arrow keys and Shift+Enter go on from it.
  async function activateCell({ content, context }, id) {
    await context.ready;
    const index = content.widgets.findIndex(cell => cell.model.id === id);
    if (index < 0) return;
    content.deselectAll();
    content.activeCellIndex = index;
  }

  const plugin = {
    id: 'course:start-page',
    autoStart: true,
    activate: app => {
      const style = document.createElement('style');
      style.textContent = STYLE;
      document.head.append(style);

      let target = null;
      const note = event => {
        const href = event.target.closest?.('a')?.href ?? '';
        target = /#cell-id=(.+)$/.exec(href)?.[1] ?? null;
      };
      const greet = () => {
        const widget = app.shell.currentWidget;
        if (isStart(widget)) {
          widget.content.node.classList.add('course-start');
          widget.content.node.addEventListener('click', note, true);
          renew(widget).catch(console.warn);
        } else if (target && widget?.content?.widgets) {
          activateCell(widget, target).catch(console.warn);
          target = null;
        }
      };
      app.shell.currentChanged.connect(greet);
      app.restored.then(greet);
    }
  };

  (window._JUPYTERLAB ??= {}).course = { init: () => {}, get: () => Promise.resolve(() => ({ __esModule: true, default: plugin })) };
})();
