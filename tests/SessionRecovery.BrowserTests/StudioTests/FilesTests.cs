using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.StudioTests;

/// <summary>Tests uploads, names, deletions and the position of the player.</summary>
[TestFixture]
internal sealed class FilesTests : StudioTest
{
    /// <summary>Drops two WAV files on the heading of the page, beside the zone for files.</summary>
    private const string DropTwo = """
        () => {
          const wav = (name) => {
            const bytes = new Uint8Array(44 + 2000);
            bytes.set(new TextEncoder().encode('RIFF'));
            new DataView(bytes.buffer).setUint32(4, 36 + 2000, true);
            bytes.set(new TextEncoder().encode('WAVEfmt '), 8);
            const view = new DataView(bytes.buffer);
            [[16, 16], [24, 8000], [28, 16000], [40, 2000]].forEach(([at, value]) => view.setUint32(at, value, true));
            [[20, 1], [22, 1], [32, 2], [34, 16]].forEach(([at, value]) => view.setUint16(at, value, true));
            bytes.set(new TextEncoder().encode('data'), 36);
            return new File([bytes], name, { type: 'audio/wav' });
          };
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(wav('first take.wav'));
          dataTransfer.items.add(wav('second_take.wav'));
          const target = document.querySelector('.brand');
          return ['dragover', 'drop'].map((type) =>
            !target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer })));
        }
        """;

    private const string RecordBytes = """
        () => {
          globalThis.progress = [];
          const element = document.getElementById('upload-bytes');
          new MutationObserver(() => progress.push(element.textContent))
            .observe(element, { childList: true, characterData: true, subtree: true });
        }
        """;

    [Test]
    public async Task The_users_own_name_is_shown()
    {
        var tab = await OpenStudioAsync();
        using var sound = new SoundFile(TimeSpan.FromSeconds(1), "interview with anna 2026-11-28.wav");

        await tab.UploadAsync(sound.Path);

        await Expect(tab.Page.Locator("#player-title")).ToHaveTextAsync("Interview with anna 2026-11-28");
        await Expect(tab.Page.Locator("#files .name").First).ToHaveTextAsync("Interview with anna 2026-11-28");
        await Expect(tab.Page.Locator("#files .name").Last).ToHaveTextAsync("Test tone");
    }

    [Test]
    public async Task Several_dropped_files_are_stored_without_leaving_the_page()
    {
        var tab = await OpenStudioAsync();

        var isPrevented = await tab.Page.EvaluateAsync<bool[]>(DropTwo);

        isPrevented.Should().OnlyContain(static prevented => prevented);
        await Expect(tab.Page.Locator("#files .name")).ToHaveTextAsync(["Second take", "First take", "Test tone"]);
        await Expect(tab.Page.Locator("#drop")).ToHaveAttributeAsync("data-small", "true");
    }

    [Test]
    public async Task A_double_click_stores_one_file()
    {
        var tab = await OpenPageAsync();
        await tab.SignUpAsync(StudioPage.NewEmail());

        await tab.Button("Use the test tone").DblClickAsync();

        await Expect(tab.Draw).ToHaveAttributeAsync("aria-disabled", "false");
        await tab.Page.ReloadAsync();
        await Expect(tab.Page.Locator("#files li")).ToHaveCountAsync(1);
    }

    [Test]
    public async Task An_upload_shows_the_bytes_that_were_sent()
    {
        var tab = await OpenStudioAsync();
        var network = await Context.NewCDPSessionAsync(tab.Page);
        await network.SendAsync("Network.emulateNetworkConditions", new()
        {
            ["offline"] = false, ["latency"] = 0, ["downloadThroughput"] = -1, ["uploadThroughput"] = 1_500_000,
        });
        await tab.Page.EvaluateAsync(RecordBytes);
        using var sound = new SoundFile(TimeSpan.FromSeconds(20));

        await tab.UploadAsync(sound.Path);

        var progress = await tab.Page.EvaluateAsync<string[]>("() => progress");
        progress.Distinct().Should().HaveCountGreaterThan(2);
        progress.Should().OnlyContain(static text => text.EndsWith(" of 3.4 MB", StringComparison.Ordinal));
        await Expect(tab.Page.Locator("#upload")).ToBeHiddenAsync();
    }

    [Test]
    public async Task A_deletion_can_be_taken_back_for_five_seconds()
    {
        var tab = await OpenStudioAsync();

        await tab.Button("Delete Test tone").ClickAsync();
        await Expect(tab.Button("Undo")).ToBeFocusedAsync();
        await Expect(tab.Page.Locator("#files li")).ToHaveCountAsync(0);
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page.Locator("#player-title")).ToHaveTextAsync("Test tone");
        await tab.Page.ReloadAsync();
        await Expect(tab.Page.Locator("#files li")).ToHaveCountAsync(1);

        var deletion = tab.Page.WaitForRequestAsync(static request => request.Method == "DELETE");
        await tab.Button("Delete Test tone").ClickAsync();
        await deletion;
        await Expect(tab.Button("Undo")).ToBeHiddenAsync();
        await tab.Page.ReloadAsync();
        await Expect(tab.Button("Use the test tone")).ToHaveClassAsync("primary");
        await Expect(tab.Page.Locator("#files li")).ToHaveCountAsync(0);
    }

    [Test]
    public async Task A_deletion_is_carried_out_when_the_user_leaves()
    {
        var email = StudioPage.NewEmail();
        var tab = await OpenPageAsync();
        await tab.SignUpAsync(email);
        var files = tab.Page.Locator("#files li");

        await tab.UploadToneAsync();
        await tab.Button("Delete Test tone").ClickAsync();
        await tab.Page.ReloadAsync();
        await Expect(tab.Button("Use the test tone")).ToHaveClassAsync("primary");
        await tab.ShowsAsync("ready", "100");
        await Expect(files).ToHaveCountAsync(0);

        await tab.UploadToneAsync();
        await tab.Button("Delete Test tone").ClickAsync();
        await tab.SignOutAsync();
        await tab.SignInAsync(email);
        await tab.ShowsAsync("ready", "100");
        var token = await tab.AccessTokenAsync();
        (await Studio.FilesAsync(token)).Should().Be(0);

        await tab.UploadToneAsync();
        await tab.Button("Delete Test tone").ClickAsync();
        await tab.Page.GotoAsync("about:blank");
        Assert.That(() => Studio.FilesAsync(token), Is.Zero.After(10_000, 100), "the request outlives the page");
    }

    [Test]
    public async Task Uploads_at_a_sign_out_are_stopped_and_named()
    {
        var tab = await OpenPageAsync();
        await tab.SignUpAsync(StudioPage.NewEmail());
        await tab.Page.RouteAsync(
            "**/uploads", static route => route.Request.Method == "POST" ? Task.CompletedTask : route.ContinueAsync());
        await tab.Page.EvaluateAsync(DropTwo);
        await Expect(tab.Page.Locator("#upload-name")).ToHaveTextAsync("Uploading First take, 1 more");

        await tab.SignOutAsync();

        await Expect(tab.Page.Locator("#left-note"))
            .ToHaveTextAsync("Not stored, because you were signed out: First take, Second take.");
        await tab.Page.UnrouteAllAsync();
        await tab.SignUpAsync(StudioPage.NewEmail());
        await tab.UploadToneAsync();
        (await Studio.FilesAsync(await tab.AccessTokenAsync())).Should().Be(1, "no file of the last user is stored for the next one");
    }

    [Test]
    public async Task Arrow_keys_seek_five_seconds()
    {
        var tab = await OpenStudioAsync();
        await Expect(tab.Page.Locator("#seek")).ToBeEnabledAsync();
        await tab.Page.Locator("#seek").FocusAsync();

        await tab.Page.Keyboard.PressAsync("ArrowRight");
        await tab.Page.Keyboard.PressAsync("ArrowRight");
        await Expect(tab.Page.Locator("#now")).ToHaveTextAsync("0:10");
        await tab.Page.Keyboard.PressAsync("ArrowLeft");

        await Expect(tab.Page.Locator("#now")).ToHaveTextAsync("0:05");
    }
}
