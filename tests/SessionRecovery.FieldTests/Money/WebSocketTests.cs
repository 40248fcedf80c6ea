using System.Net;
using System.Net.WebSockets;
using System.Text;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using NUnit.Framework;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.Money;

/// <summary>
/// Tests paid endpoints that take over the connection. The credits must be captured before the handler takes over the connection.
/// </summary>
[TestFixture]
internal sealed class WebSocketTests : FieldTest
{
    private int _accepted;

    [TestCase(HttpProtocols.Http1)]
    [TestCase(HttpProtocols.Http2)]
    public async Task A_web_socket_is_charged_once_and_not_opened_again(HttpProtocols protocols)
    {
        await StartAsync(app => app.Map("/ws", GreetAsync).RequireCredits(5), static app => app.UseWebSockets(), protocols: protocols);
        var version = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        using var client = await Host.SignInAsync("ann", version);

        (await GreetingAsync(client, version, "key-1")).Should().Be("hello");
        await FluentActions.Awaiting(() => GreetingAsync(client, version, "key-1")).Should().ThrowAsync<WebSocketException>();

        _accepted.Should().Be(1);
        (await FieldHost.BalanceAsync(client)).Should().Be((95, 0));
    }

    [Test]
    public async Task A_web_socket_is_refused_without_credits()
    {
        await StartAsync(app => app.Map("/ws", GreetAsync).RequireCredits(101), static app => app.UseWebSockets());
        using var client = await Host.SignInAsync("ann");

        await FluentActions.Awaiting(() => GreetingAsync(client, HttpVersion.Version11, "key-1")).Should().ThrowAsync<WebSocketException>();

        _accepted.Should().Be(0);
        (await FieldHost.BalanceAsync(client)).Should().Be((100, 0));
    }

    [Test]
    public async Task A_raw_upgrade_is_charged()
    {
        await StartAsync(app => app.Map("/raw", async context =>
        {
            await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            await stream.WriteAsync("raw"u8.ToArray());
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/raw");
        request.Headers.Add("Idempotency-Key", "key-1");
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "raw");

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        response.StatusCode.Should().Be(HttpStatusCode.SwitchingProtocols);
        (await FieldHost.BalanceAsync(client)).Should().Be((95, 0));
    }

    [Test]
    public async Task A_request_that_is_no_handshake_costs_nothing()
    {
        await StartAsync(app => app.MapPost("/ws", async context =>
        {
            try
            {
                await context.WebSockets.AcceptWebSocketAsync();
            }
            catch (InvalidOperationException)
            {
                context.Response.StatusCode = 400;
            }
        }).RequireCredits(5), static app => app.UseWebSockets());
        using var client = await Host.SignInAsync("ann");

        using var response = await client.SendAsync(FieldHost.Paid("/ws", "key-1"));

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await FieldHost.BalanceAsync(client)).Should().Be((100, 0));
    }

    [Test]
    public async Task A_reset_stream_that_delivered_nothing_costs_nothing()
    {
        await StartAsync(
            app => app.MapPost("/reset", context =>
            {
                context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(8);
                return Task.CompletedTask;
            }).RequireCredits(5),
            protocols: HttpProtocols.Http2);
        using var client = await Host.SignInAsync("ann", HttpVersion.Version20);
        using var request = FieldHost.Paid("/reset", "key-1");
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;

        await FluentActions.Awaiting(() => client.SendAsync(request)).Should().ThrowAsync<HttpRequestException>();

        (await FieldHost.BalanceAsync(client)).Should().Be((100, 0));
    }

    private async Task GreetAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        Interlocked.Increment(ref _accepted);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
    }

    private async Task<string> GreetingAsync(HttpClient client, Version version, string key)
    {
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = version;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.SetRequestHeader("Idempotency-Key", key);
        socket.Options.SetRequestHeader("Authorization", client.DefaultRequestHeaders.Authorization!.ToString());
        var address = new UriBuilder(Host.Address) { Scheme = "ws", Path = "/ws" }.Uri;
        using var patience = new CancellationTokenSource(Patience);
        await socket.ConnectAsync(address, new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false }), patience.Token);
        var buffer = new byte[100];
        var received = await socket.ReceiveAsync(buffer, patience.Token);
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }
}
