using Microsoft.Playwright;
using SupabaseStandIn;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.OfficialClient;

/// <summary>The bundled page in one tab.</summary>
internal sealed class ClientPage(IPage page)
{
    public IPage Page => page;

    public ILocator State => page.Locator("#state");

    public ILocator Credits => page.Locator("#credits");

    public static async Task<ClientPage> OpenAsync(IBrowserContext context, BundledPage bundle, string api, StandIn supabase)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{bundle.Origin}/index.html?api={Uri.EscapeDataString(api)}&supabase={Uri.EscapeDataString(supabase.Url)}&key={supabase.Keys.Publishable}&cooldown=0");
        return new ClientPage(page);
    }

    public async Task SignUpAsync()
    {
        await page.Locator("#email").FillAsync($"{Guid.NewGuid():N}@example.com");
        await page.Locator("#password").FillAsync("correct horse");
        await page.Locator("#sign-up").ClickAsync();
        await ShowsAsync("100");
    }

    public async Task ShowsAsync(string credits)
    {
        await Expect(State).ToHaveTextAsync("ready");
        await Expect(Credits).ToHaveTextAsync(credits);
    }

    /// <summary>Makes the kept session one that has expired, for all tabs of this browser.</summary>
    public Task ExpireAsync() => page.EvaluateAsync(
        """
        () => {
          const key = Object.keys(localStorage).find((name) => /^sb-.*-auth-token$/.test(name));
          const session = JSON.parse(localStorage.getItem(key));
          session.expires_at = Math.floor(Date.now() / 1000) - 60;
          localStorage.setItem(key, JSON.stringify(session));
        }
        """);

    /// <summary>Asks the session whether all is well, and waits until it knows.</summary>
    /// <returns>The state after it.</returns>
    public Task<string> CheckAsync() => page.EvaluateAsync<string>(
        """
        async () => {
          await session.triggerRecoveryCheck('manual');
          await session.whenReady();
          return session.getSnapshot().state;
        }
        """);

    public Task<string[]> HeardAsync() => page.EvaluateAsync<string[]>("() => globalThis.heard");
}
