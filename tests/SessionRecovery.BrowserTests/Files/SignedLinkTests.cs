using System.Text;
using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;

namespace SessionRecovery.BrowserTests.Files;

/// <summary>Tests that a signed link that is opened in a tab or a frame displays its file and does not run scripts in it.</summary>
[TestFixture]
internal sealed class SignedLinkTests
{
    private const string Script = "document.documentElement.dataset.ran = 'yes'; parent.postMessage('ran', '*')";

    private FileHost _host = null!;
    private IBrowserContext _context = null!;
    private IPage _page = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _host = await FileHost.StartAsync();
        _context = await SharedBrowser.NewContextAsync();
        _page = await _context.NewPageAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await Screenshots.CloseAsync(_context);
        await _host.DisposeAsync();
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Sound_plays(bool inFrame)
    {
        using var sound = new SoundFile(TimeSpan.FromSeconds(2));
        var frame = await OpenAsync(await _host.LinkAsync(await File.ReadAllBytesAsync(sound.Path), "sound.wav"), inFrame);

        var player = frame.Locator("video");
        await player.WaitForAsync();
        await WaitAsync(async () => await player.EvaluateAsync<int>("player => player.error?.code ?? 0") == 0
            && await player.EvaluateAsync<double>("player => player.readyState && player.duration") > 1.9);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task An_image_is_shown(bool inFrame)
    {
        var png = Convert.FromBase64String(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");
        var frame = await OpenAsync(await _host.LinkAsync(png, "dot.png"), inFrame);

        await WaitAsync(async () => await frame.Locator("img").EvaluateAsync<int>("image => image.naturalWidth") == 1);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_PDF_document_is_shown(bool inFrame)
    {
        const string Pdf = """
            %PDF-1.4
            1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
            2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
            3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
            trailer<</Root 1 0 R>>
            %%EOF
            """;
        await OpenAsync(await _host.LinkAsync(Encoding.UTF8.GetBytes(Pdf), "a.pdf"), inFrame);

        // Chromium displays a PDF document in a viewer, which is a separate document. The page in this viewer has a size when the file has
        // been loaded.
        await WaitAsync(HasPageAsync);
    }

    [TestCase("a.html", false)]
    [TestCase("a.html", true)]
    [TestCase("a.svg", false)]
    [TestCase("a.svg", true)]
    public async Task A_document_cannot_run(string name, bool inFrame)
    {
        var content = name.EndsWith("svg", StringComparison.Ordinal)
            ? $"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{Script}\"><script>{Script}</script></svg>"
            : $"<!doctype html><html><img src=x onerror=\"{Script}\"><script>{Script}</script></html>";
        var refusals = new List<string>();
        _page.Console += (_, message) => refusals.Add(message.Text);

        var frame = await OpenAsync(await _host.LinkAsync(Encoding.UTF8.GetBytes(content), name), inFrame);

        await WaitAsync(() => Task.FromResult(refusals.Any(static text => text.Contains("Blocked script", StringComparison.Ordinal)
            || text.Contains("Content Security Policy", StringComparison.Ordinal))));
        (await frame.EvaluateAsync<string?>("() => document.documentElement.dataset.ran ?? null")).Should().BeNull();
    }

    private async Task<IFrame> OpenAsync(string link, bool inFrame)
    {
        await _page.GotoAsync(inFrame ? _host.GetPage(link) : link);
        return inFrame ? _page.Frames.Single(frame => frame.Url == link) : _page.MainFrame;
    }

    private async Task<bool> HasPageAsync()
    {
        foreach (var frame in _page.Frames)
        {
            if ((await frame.ContentAsync()).Contains("<div id=\"sizer\" style=\"width: 2", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            await Task.Delay(50, patience.Token);
        }
    }
}
