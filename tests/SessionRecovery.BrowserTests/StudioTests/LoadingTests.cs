using System.Collections.Concurrent;
using FluentAssertions;
using Microsoft.Playwright;
using NUnit.Framework;
using SessionRecovery.BrowserTests.Running;
using static Microsoft.Playwright.Assertions;

namespace SessionRecovery.BrowserTests.StudioTests;

/// <summary>Tests what the page shows before its scripts have arrived.</summary>
[TestFixture]
internal sealed class LoadingTests : StudioTest
{
    [Test]
    public async Task The_welcome_needs_neither_modules_nor_the_settings_of_the_server()
    {
        var page = await Context.NewPageAsync();
        await page.RouteAsync("**/{studio.js,studio/info,session/**}", static route => route.AbortAsync());

        await page.GotoAsync(Studio.Address, new() { WaitUntil = WaitUntilState.DOMContentLoaded });

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Kill the server. Keep the music." })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Open the studio" })).ToBeVisibleAsync();
    }

    [Test]
    public async Task A_signed_in_reload_shows_the_last_file_before_the_server_responds()
    {
        var tab = await OpenStudioAsync();
        var released = new TaskCompletionSource();
        await tab.Page.RouteAsync("**/studio/info", async route =>
        {
            await released.Task;
            await route.ContinueAsync();
        });

        await tab.Page.ReloadAsync(new() { WaitUntil = WaitUntilState.DOMContentLoaded });

        await Expect(tab.Page.Locator("#player-title")).ToHaveTextAsync("Test tone");
        await Expect(tab.Page.Locator("#player")).ToHaveAttributeAsync("data-skeleton", "true");
        await Expect(tab.Page.Locator("#welcome")).ToBeHiddenAsync();
        released.SetResult();
        await tab.ShowsAsync("ready", "100");
        await Expect(tab.Page.Locator("#player")).ToHaveAttributeAsync("data-skeleton", "false");
    }

    [Test]
    public async Task The_page_is_small_and_loads_its_settings_beside_the_modules()
    {
        var page = await Context.NewPageAsync();
        var requests = new ConcurrentQueue<IRequest>();
        var sent = new ConcurrentQueue<string>();
        page.Request += (_, request) => sent.Enqueue(new Uri(request.Url).AbsolutePath);
        page.RequestFinished += (_, request) => requests.Enqueue(request);

        await page.GotoAsync(Studio.Address, new() { WaitUntil = WaitUntilState.NetworkIdle });

        var sizes = new List<int>();
        foreach (var request in requests.Where(static request => new Uri(request.Url).AbsolutePath is "/" or "/studio.css" or "/view.js"))
        {
            sizes.Add((await request.SizesAsync()).ResponseBodySize);
        }

        sizes.Should().HaveCount(3);
        sizes.Sum().Should().BeLessThan(20_000, "the first paint waits for these files");
        var order = sent.ToList();
        order.Should().ContainSingle(static path => path == "/studio/info");
        order.IndexOf("/studio/info").Should().BeLessThan(order.IndexOf("/info.js"), "the settings do not wait for the modules");
    }
}
