using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;

namespace SessionRecovery.BrowserTests.Files;

/// <summary>Tests that <c>session.media</c> continues at the same second after the signed link of a file has ended.</summary>
[TestFixture]
internal sealed class MediaTests
{
    private const string Play =
        """
        async (name) => {
          const { createSession } = await import('/session/session-recovery.js');
          const { accessToken } = await (await fetch('/sign-in', { method: 'POST' })).json();
          const adapter = { getAccessToken: () => accessToken, refresh: () => ({ outcome: 'refused', reason: 'no_refresh' }) };
          const session = createSession({ adapter });
          const audio = document.querySelector('audio');
          audio.autoplay = true;
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
            var page = await context.NewPageAsync();
            using var sound = new SoundFile(TimeSpan.FromSeconds(240));
            var (name, _) = await host.StoreAsync(await File.ReadAllBytesAsync(sound.Path), "long.wav");
            await page.GotoAsync(host.Page);
            await page.EvaluateAsync(Play, name);
            await page.WaitForFunctionAsync("() => document.querySelector('audio').currentTime > 0.3");

            // The browser does not have the whole file yet, so the seek requests more of it with the link that has ended.
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
}
