using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.Running;

/// <summary>Operates the page of the sample in one browser tab, as a user does.</summary>
internal sealed class StudioPage(IPage page)
{
    public const string Password = "correct horse";

    public IPage Page => page;

    public ILocator Light => page.Locator("#light");

    public ILocator Balance => page.Locator("#balance [part=value]");

    public ILocator Draw => page.Locator("#draw");

    public ILocator Kill => page.Locator("#kill");

    /// <summary>Gets the sentence below the bar, which is shown during an outage.</summary>
    public ILocator Trouble => page.Locator("#trouble");

    /// <summary>Gets the card that shows what the last outage cost.</summary>
    public ILocator Survival => page.Locator("#survival");

    public ILocator Note => page.Locator("#player-note");

    public ILocator Wave => page.Locator("#wave");

    public static string NewEmail() => $"{Guid.NewGuid():N}@example.com";

    public static async Task<StudioPage> OpenAsync(IBrowserContext context, Studio studio)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(studio.Address);
        return new StudioPage(page);
    }

    public ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public Task<string> AccessTokenAsync() => page.EvaluateAsync<string>(
        """
        (() => {
          const kept = (isIt) => Object.entries(localStorage).find(([key]) => isIt(key))?.[1];
          const embedded = kept((key) => key.startsWith('session-recovery:tokens:'));
          return embedded ? JSON.parse(embedded).accessToken : JSON.parse(kept((key) => /^sb-.*-auth-token$/.test(key))).access_token;
        })()
        """);

    /// <summary>Opens a studio without a form. The test tone is then ready to play.</summary>
    public async Task OpenStudioAsync()
    {
        await Button("Open the studio").ClickAsync();
        await ShowsAsync("ready", "100");
        await HasToneAsync();
    }

    public async Task SignUpAsync(string email)
    {
        await FillFormAsync(email);
        await Button("Create account").ClickAsync();
        await ShowsAsync("ready", "100");
    }

    public async Task SignInAsync(string email)
    {
        await FillFormAsync(email);
        await page.Locator("#sign").GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(Button("Sign out")).ToBeVisibleAsync();
    }

    public async Task SignOutAsync()
    {
        await Button("Sign out").ClickAsync();
        await Expect(page.Locator("#password")).ToBeVisibleAsync();
    }

    public async Task UploadToneAsync()
    {
        await Button("Use the test tone").ClickAsync();
        await HasToneAsync();
    }

    public async Task UploadAsync(string path)
    {
        var files = page.Locator("#files li");
        var before = await files.CountAsync();
        await page.Locator("#picker").SetInputFilesAsync(path);
        await Expect(files).ToHaveCountAsync(before + 1);
        await Expect(Draw).ToHaveAttributeAsync("aria-disabled", "false");
    }

    public async Task DrawAsync()
    {
        await Draw.ClickAsync();
        await IsDrawnAsync();
    }

    /// <summary>Waits until the page shows the result of the last outage, and returns the text of its live region.</summary>
    public async Task<string> SurvivalAsync()
    {
        await Expect(Survival).ToHaveAttributeAsync("data-state", "back");
        var said = page.Locator("#survival-said");
        await Expect(said).Not.ToBeEmptyAsync();
        return (await said.TextContentAsync())!;
    }

    /// <summary>Gets one number of the score.</summary>
    /// <param name="name"><c>crashes</c>, <c>payments</c>, <c>twice</c> or <c>signed-out</c>.</param>
    public ILocator Score(string name) => page.Locator($"#score-{name}");

    /// <summary>Gets the seconds of the sound that the last band in the waveform covers.</summary>
    public async Task<(double From, double To)> BandAsync()
    {
        var band = await page.EvaluateAsync<double[]>(
            """
            () => {
              const last = [...document.querySelectorAll('#bands .band')].at(-1);
              const [x, width] = ['x', 'width'].map((name) => Number(last.getAttribute(name)));
              return [x, x + width].map((at) => at / 400 * document.getElementById('audio').duration);
            }
            """);
        return (band[0], band[1]);
    }

    public Task IsDrawnAsync() => Expect(Wave).ToHaveAttributeAsync("data-drawn", "true");

    public async Task ShowsAsync(string light, string credits)
    {
        await Expect(Light).ToHaveAttributeAsync("data-state", light);
        await Expect(Balance).ToHaveTextAsync(credits);
        await Expect(Button("Sign out")).ToBeVisibleAsync();
    }

    public Task<double> PlaybackAsync() => page.EvaluateAsync<double>("document.getElementById('audio').currentTime");

    /// <summary>Gets the value of the player's position slider, in thousandths of the duration.</summary>
    public Task<int> SeekPositionAsync() => page.EvaluateAsync<int>("Number(document.getElementById('seek').value)");

    /// <summary>Gets the position, in seconds, up to which the browser has buffered the sound.</summary>
    public Task<double> BufferedToAsync() => page.EvaluateAsync<double>(
        "(({ buffered }) => buffered.length > 0 ? buffered.end(buffered.length - 1) : 0)(document.getElementById('audio'))");

    /// <summary>Waits until the sound plays at or beyond the given second.</summary>
    public Task WaitUntilPlayedPastAsync(double seconds) => page.EvaluateAsync(
        """
        ([seconds, patience]) => new Promise((done, fail) => {
          const audio = document.getElementById('audio');
          const started = performance.now();
          const look = () => {
            if (!audio.paused && !audio.error && audio.readyState > 2 && audio.currentTime > seconds) done();
            else if (performance.now() - started > patience) {
              fail(new Error(`The sound is at ${audio.currentTime}, paused: ${audio.paused}, ready: ${audio.readyState}.`));
            }
            else setTimeout(look, 20);
          };
          look();
        })
        """,
        new[] { seconds, SharedBrowser.PatienceMs });

    private async Task HasToneAsync()
    {
        await Expect(Draw).ToHaveAttributeAsync("aria-disabled", "false");
        await Expect(page.Locator("#files li")).ToHaveCountAsync(1);
    }

    private async Task FillFormAsync(string email)
    {
        if (!await page.Locator("#sign").IsVisibleAsync())
        {
            await page.Locator("#show-sign").ClickAsync();
        }

        await page.Locator("#email").FillAsync(email);
        await page.Locator("#password").FillAsync(Password);
    }
}
