using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using FluentAssertions;
using Microsoft.Playwright;

namespace SessionRecovery.BrowserTests.Running;

/// <summary>
/// Records every text that a <c>&lt;credit-balance&gt;</c> element in a browser context shows, and every color of the status light. Even
/// very short changes are recorded.
/// </summary>
internal sealed partial class DisplayRecorder
{
    private const string Script = """
        (() => {
          const attach = Element.prototype.attachShadow;
          Element.prototype.attachShadow = function (options) {
            const root = attach.call(this, options);
            if (this.localName === 'credit-balance') {
              new MutationObserver((records) => {
                for (const node of records.flatMap((record) => [...record.addedNodes])) {
                  if (node.textContent) window.__witness('credits', node.textContent);
                }
              }).observe(root, { subtree: true, childList: true });
            }
            return root;
          };
          new MutationObserver((records) => {
            for (const { target } of records) {
              if (target.id === 'light') window.__witness('light', target.dataset.state);
            }
          }).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-state'] });
        })();
        """;

    private readonly ConcurrentQueue<(IPage Page, string Kind, string Text)> _seen = new();

    /// <summary>Starts the recording. The method must be called before the first page of the context opens.</summary>
    public static async Task<DisplayRecorder> StartAsync(IBrowserContext context)
    {
        var recorder = new DisplayRecorder();
        await context.ExposeBindingAsync<string, string, bool>("__witness", (source, kind, text) =>
        {
            recorder._seen.Enqueue((source.Page!, kind, text));
            return true;
        });
        await context.AddInitScriptAsync(Script);
        return recorder;
    }

    public IEnumerable<string> Credits(IPage page) => GetTexts(page, "credits");

    public IEnumerable<string> Lights(IPage page) => GetTexts(page, "light");

    public void ShouldContainNoZero() =>
        _seen.Where(static seen => seen.Kind == "credits").Should().NotBeEmpty().And.NotContain(seen => Zero().IsMatch(seen.Text));

    private IEnumerable<string> GetTexts(IPage page, string kind) =>
        _seen.Where(seen => seen.Page == page && seen.Kind == kind).Select(static seen => seen.Text);

    [GeneratedRegex(@"(?<![\d.,])0(?![\d.,])")]
    private static partial Regex Zero();
}
