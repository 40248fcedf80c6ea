using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.Networks;

/// <summary>
/// Tests a host behind a reverse proxy and below a path. The tests cover responses of the proxy itself, cut connections, and a restart.
/// </summary>
[TestFixture]
internal sealed class ReverseProxyTests : FieldTest
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FieldProxy? _proxy;
    private int _runs;

    private FieldProxy Proxy => _proxy ?? throw new InvalidOperationException("The proxy was not started.");

    [TearDown]
    public async Task StopProxyAsync()
    {
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }
    }

    [TestCase(404)]
    [TestCase(502)]
    [TestCase(503)]
    [TestCase(521)]
    public async Task Only_responses_of_the_host_have_an_epoch(int status)
    {
        await StartBehindProxyAsync();
        using var ann = await SignInAsync();

        using var missing = await ann.GetAsync("/app/no-such-page");
        Proxy.Intercept = async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync("<html><body>The site cannot be reached.</body></html>");
            return true;
        };
        using var outage = await ann.GetAsync("/app/session/health");

        missing.StatusCode.Should().Be(HttpStatusCode.NotFound);
        missing.Headers.Contains("Session-Epoch").Should().BeTrue();
        ((int)outage.StatusCode).Should().Be(status);
        outage.Headers.Contains("Session-Epoch").Should().BeFalse();
    }

    [Test]
    public async Task A_connection_cut_by_the_proxy_is_charged_once()
    {
        await StartBehindProxyAsync();
        using var ann = await SignInAsync();
        Proxy.Intercept = async context =>
        {
            await _arrived.Task;
            context.Abort();
            return true;
        };
        using var direct = await SignInAsync(Host.Address);
        var running = direct.SendAsync(FieldHost.Paid("/app/work", "key-1"));
        await FluentActions.Awaiting(() => ann.SendAsync(FieldHost.Paid("/app/work", "key-1"))).Should().ThrowAsync<HttpRequestException>();
        Proxy.Intercept = static _ => Task.FromResult(false);

        using (var early = await ann.SendAsync(FieldHost.Paid("/app/work", "key-1")))
        {
            (await CodeAsync(early)).Should().Be("in_progress");
            early.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
        }

        _goOn.SetResult();
        using var first = await running;
        using var repeat = await ann.SendAsync(FieldHost.Paid("/app/work", "key-1"));

        (await repeat.Content.ReadAsStringAsync()).Should().Be(await first.Content.ReadAsStringAsync());
        _runs.Should().Be(1);
        (await FieldHost.BalanceAsync(direct)).Should().Be((95, 0));
    }

    [Test]
    public async Task A_restart_behind_the_proxy_keeps_session_and_charge()
    {
        _goOn.SetResult();
        await StartBehindProxyAsync();
        using var ann = await SignInAsync();
        using var first = await ann.SendAsync(FieldHost.Paid("/app/work", "key-1"));
        await Host.StopAsync();
        using (var outage = await ann.SendAsync(FieldHost.Paid("/app/work", "key-1")))
        {
            outage.StatusCode.Should().Be(HttpStatusCode.BadGateway);
            outage.Headers.Contains("Session-Epoch").Should().BeFalse();
        }

        await StartBehindProxyAsync();
        using var repeat = await ann.SendAsync(FieldHost.Paid("/app/work", "key-1"));

        (await repeat.Content.ReadAsStringAsync()).Should().Be(await first.Content.ReadAsStringAsync());
        repeat.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
        repeat.Headers.GetValues("Session-Epoch").Should().NotEqual(first.Headers.GetValues("Session-Epoch"));
        (await ann.GetFromJsonAsync<JsonElement>("/app/session/health")).GetProperty("status").GetString().Should().Be("healthy");
    }

    [Test]
    public async Task Module_and_links_are_below_the_path()
    {
        await StartBehindProxyAsync();
        using var ann = await SignInAsync();
        using var anonymous = Proxy.Client();

        (await anonymous.GetStringAsync("/app/session/session-recovery.js")).Should().Contain("createSession");
        byte[] wave = [.. "RIFF"u8, 36, 0, 0, 0, .. "WAVEfmt "u8, 16, 0, 0, 0, 1, 0, 1, 0, .. new byte[16], .. "data"u8, 0, 0, 0, 0];
        using var content = new ByteArrayContent(wave) { Headers = { ContentType = new MediaTypeHeaderValue("audio/wav") } };
        using var form = new MultipartFormDataContent { { content, "file", "a.wav" } };
        using var upload = await ann.PostAsync("/app/uploads", form);
        upload.StatusCode.Should().Be(HttpStatusCode.Created);
        upload.Headers.Location!.ToString().Should().StartWith("/app/uploads/");
        using var link = await ann.PostAsync($"{upload.Headers.Location}/links", content: null);
        var url = (await link.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("url").GetString()!;
        url.Should().StartWith("/app/uploads/");
        (await anonymous.GetByteArrayAsync(url)).Should().Equal(wave);
    }

    private async Task StartBehindProxyAsync()
    {
        await StartAsync(
            app => app.MapPost("/work", async () =>
            {
                var run = Interlocked.Increment(ref _runs);
                _arrived.TrySetResult();
                await _goOn.Task;
                return $"run {run}";
            }).RequireCredits(5),
            use: static app =>
            {
                app.UsePathBase("/app");
                app.UseRouting();
                app.UseAuthentication();
                app.UseAuthorization();
            },
            configure: (_, recovery) => recovery.AddLocalFiles(File("files")));
        _proxy ??= await FieldProxy.StartAsync();
        _proxy.Destination = Host.Address;
    }

    private async Task<HttpClient> SignInAsync(Uri? address = null)
    {
        var client = address is null ? Proxy.Client() : new HttpClient { BaseAddress = address };
        using var response = await client.PostAsync("/app/sign-in/ann", content: null);
        var token = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
