using System.Text.Json.Nodes;
using Microsoft.Playwright;
using SupabaseStandIn;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.OfficialClient;

/// <summary>Represents the bundled page in one browser tab.</summary>
internal sealed class ClientPage(IPage page)
{
    private const string Password = "correct horse";
    private const string StorageKey = "Object.keys(localStorage).find((name) => /^sb-.*-auth-token$/.test(name))";

    public IPage Page => page;

    public ILocator State => page.Locator("#state");

    public ILocator Credits => page.Locator("#credits");

    public static async Task<ClientPage> OpenAsync(IBrowserContext context, BundledPage bundle, string api, StandIn supabase)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(
            $"{bundle.Origin}/index.html?api={Uri.EscapeDataString(api)}&supabase={Uri.EscapeDataString(supabase.Url)}"
                + $"&key={supabase.Keys.Publishable}&cooldown=0");
        return new ClientPage(page);
    }

    /// <returns>The email address of the new user.</returns>
    public async Task<string> SignUpAsync()
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        await page.Locator("#email").FillAsync(email);
        await page.Locator("#password").FillAsync(Password);
        await page.Locator("#sign-up").ClickAsync();
        await ShowsAsync("100");
        return email;
    }

    public async Task ShowsAsync(string credits, string state = "ready")
    {
        await Expect(State).ToHaveTextAsync(state);
        await Expect(Credits).ToHaveTextAsync(credits);
    }

    public async Task SignInAsync(string email)
    {
        await page.Locator("#email").FillAsync(email);
        await page.Locator("#password").FillAsync(Password);
        await page.Locator("#sign-in").ClickAsync();
        await ShowsAsync("100");
    }

    /// <summary>Clicks the page's button that requests the balance, and does not wait for the result.</summary>
    public Task CheckAgainAsync() => page.Locator("#reload").ClickAsync();

    /// <summary>Sets a marker that is lost when the page reloads.</summary>
    public Task MarkPageLoadAsync() => page.EvaluateAsync("() => { globalThis.isMarked = true; }");

    public Task<bool> IsSamePageLoadAsync() => page.EvaluateAsync<bool>("() => globalThis.isMarked === true");

    public Task SignOutAsync() => page.Locator("#sign-out").ClickAsync();

    /// <summary>Reads the session that the browser stores for all its tabs.</summary>
    public async Task<JsonObject> ReadStoredSessionAsync() =>
        JsonNode.Parse(await page.EvaluateAsync<string>($"() => localStorage.getItem({StorageKey})"))!.AsObject();

    public Task StoreSessionAsync(JsonObject session) =>
        page.EvaluateAsync($"(session) => localStorage.setItem({StorageKey}, session)", session.ToJsonString());

    /// <summary>Starts a health check and waits for its result.</summary>
    /// <returns>The state of the session after the check.</returns>
    public Task<string> CheckAsync() => page.EvaluateAsync<string>(
        """
        async () => {
          await session.triggerRecoveryCheck('manual');
          await session.whenReady();
          return session.getSnapshot().state;
        }
        """);

    /// <summary>Runs one of the calls in <see cref="ClientCalls"/> with Supabase's official client.</summary>
    /// <returns>The lines of the result.</returns>
    public Task<string[]> StartAsync(string call, string stranger) =>
        page.EvaluateAsync<string[]>(ClientCalls.Script, new[] { call, stranger });

    public Task<string[]> ReadEventsAsync() => page.EvaluateAsync<string[]>("() => globalThis.events");
}
