using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;

namespace SessionRecovery.BrowserTests.Files;

/// <summary>
/// Tests that <c>session.media</c> continues at the same second after the signed link of a file has expired, loads a file only at the start
/// of the playback if the element requires it, and stops after a sign-out.
/// </summary>
[TestFixture]
internal sealed class MediaTests
{
    private const string Play =
        """
        async ({ name, preload }) => {
          const { createSession } = await import('/session/session-recovery.js');
          const { accessToken } = await (await fetch('/sign-in', { method: 'POST' })).json();
          const adapter = { getAccessToken: () => accessToken, refresh: () => ({ outcome: 'refused', reason: 'no_refresh' }) };
          window.session = createSession({ adapter });
          const audio = document.querySelector('audio');
          audio.preload = preload;
          audio.autoplay = preload === 'auto';
          audio.muted = true;
          window.connection = session.media(audio, name);
          window.sources = new Set();
          audio.addEventListener('loadedmetadata', () => sources.add(audio.src));
        }
        """;

    [TestCase(false)]
    [TestCase(true)]
    public async Task Sound_continues_after_the_link_has_ended(bool paused)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await FileHost.StartAsync(time);
        var context = await SharedBrowser.NewContextAsync();
        try
        {
            var page = await OpenAsync(context, host, "auto");
            await page.WaitForFunctionAsync("() => document.querySelector('audio').currentTime > 0.3");

            // The browser has not received the whole file, so the seek requests another part of the file with the expired link.
            time.Advance(TimeSpan.FromMinutes(16));
            await page.EvaluateAsync(
                """
                (paused) => {
                  const audio = document.querySelector('audio');
                  if (paused) audio.pause();
                  audio.currentTime = 200;
                }
                """,
                paused);

            await page.WaitForFunctionAsync("() => sources.size === 2 && connection.state === 'ready'");
            await page.WaitForFunctionAsync(
                """
                (paused) => {
                  const audio = document.querySelector('audio');
                  return audio.paused === paused && audio.currentTime >= 200;
                }
                """,
                paused);
            (await page.EvaluateAsync<double>("document.querySelector('audio').currentTime")).Should().BeInRange(200, 230);
        }
        finally
        {
            await Screenshots.CloseAsync(context);
        }
    }

    [Test]
    public async Task An_element_without_preload_is_ready_and_loads_at_play()
    {
        await using var host = await FileHost.StartAsync();
        var context = await SharedBrowser.NewContextAsync();
        try
        {
            var page = await OpenAsync(context, host, "none");
            await page.WaitForFunctionAsync("() => connection.state === 'ready'");
            (await page.EvaluateAsync<int>("document.querySelector('audio').readyState")).Should().Be(0);
            await page.EvaluateAsync("document.querySelector('audio').play()");
            await page.WaitForFunctionAsync("() => document.querySelector('audio').currentTime > 0.3");

            // The element loads nothing from the new link either. The position is restored when the playback starts again.
            await page.EvaluateAsync(
                """
                async () => {
                  const audio = document.querySelector('audio');
                  audio.pause();
                  audio.playbackRate = 1.5;
                  audio.currentTime = 20;
                  await new Promise((resolve) => audio.addEventListener('seeked', resolve, { once: true }));
                  await connection.renew();
                  await audio.play();
                }
                """);
            await page.WaitForFunctionAsync("() => document.querySelector('audio').currentTime > 20");
            (await page.EvaluateAsync<double>("document.querySelector('audio').playbackRate")).Should().Be(1.5);
            (await page.EvaluateAsync<int>("sources.size")).Should().Be(2);
        }
        finally
        {
            await Screenshots.CloseAsync(context);
        }
    }

    [Test]
    public async Task A_sign_out_stops_the_sound_and_removes_the_source()
    {
        await using var host = await FileHost.StartAsync();
        var context = await SharedBrowser.NewContextAsync();
        try
        {
            var page = await OpenAsync(context, host, "auto");
            await page.WaitForFunctionAsync("() => document.querySelector('audio').currentTime > 0.3");
            var errors = new List<string>();
            page.PageError += (_, error) => errors.Add(error);
            await page.EvaluateAsync("session.signOut()");
            await page.WaitForFunctionAsync("() => connection.state === 'failed' && connection.reason === 'signed_out'");
            await page.WaitForFunctionAsync(
                """
                () => {
                  const audio = document.querySelector('audio');
                  return audio.paused && !audio.hasAttribute('src') && audio.networkState === HTMLMediaElement.NETWORK_EMPTY;
                }
                """);
            errors.Should().BeEmpty();
        }
        finally
        {
            await Screenshots.CloseAsync(context);
        }
    }

    /// <summary>Opens a page that plays a new file.</summary>
    private static async Task<IPage> OpenAsync(IBrowserContext context, FileHost host, string preload)
    {
        var page = await context.NewPageAsync();
        using var sound = new SoundFile(TimeSpan.FromSeconds(240));
        var (name, _) = await host.StoreAsync(await File.ReadAllBytesAsync(sound.Path), "long.wav");
        await page.GotoAsync(host.Page);
        await page.EvaluateAsync(Play, new { name, preload });
        return page;
    }
}
