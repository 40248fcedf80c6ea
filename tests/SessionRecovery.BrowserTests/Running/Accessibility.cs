using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace SessionRecovery.BrowserTests.Running;

/// <summary>Checks pages without frames with the rules of axe-core.</summary>
internal static class Accessibility
{
    private static readonly string Script = new BundledAxeScriptProvider().GetScript();

    /// <summary>
    /// Gets each rule that the page violates, with its elements. The page loads the script of axe-core only once, because the script needs
    /// more time to load than to check the page.
    /// </summary>
    public static async Task<string[]> FindViolationsAsync(IPage page)
    {
        if (!await page.EvaluateAsync<bool>("() => 'axe' in globalThis"))
        {
            await page.EvaluateAsync(Script);
        }

        return await page.EvaluateAsync<string[]>(
            """
            async () => {
              const { violations } = await axe.run({ resultTypes: ['violations'] });
              return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('; ')}`);
            }
            """);
    }
}
