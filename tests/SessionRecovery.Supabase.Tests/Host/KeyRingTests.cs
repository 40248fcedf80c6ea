using System.Net;
using System.Security.Claims;
using FluentAssertions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NUnit.Framework;
using SessionRecovery.KeyRing;
using SessionRecovery.Supabase.Tests.Hosting;
using SupabaseStandIn;

namespace SessionRecovery.Supabase.Tests.Host;

/// <summary>Tests the storage of a host's Data Protection keys in the database of the project.</summary>
[TestFixture]
internal sealed class KeyRingTests
{
    private StandIn _standIn = null!;

    [SetUp]
    public async Task StartAsync() => _standIn = await StandIns.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _standIn.DisposeAsync();

    [Test]
    public async Task A_cookie_survives_a_new_container_in_another_folder()
    {
        string cookie;
        await using (var first = await StartHostAsync())
        {
            using var client = Client(first);
            using var response = await client.PostAsync("/cookie", content: null);
            cookie = response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        }

        await using var second = await StartHostAsync();
        using var returning = Client(second, cookie);

        (await returning.GetStringAsync("/own")).Should().Be("11111111-1111-4111-8111-111111111111");
    }

    [Test]
    public async Task An_outage_of_the_project_signs_no_one_out()
    {
        string cookie;
        await using (var first = await StartHostAsync())
        {
            using var client = Client(first);
            using var response = await client.PostAsync("/cookie", content: null);
            cookie = response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        }

        using var gate = new OutageGate { IsDown = true };
        await using var second = await StartHostAsync(gate);
        using var returning = Client(second, cookie);
        (await returning.GetAsync("/own")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);

        gate.IsDown = false;
        SpinWait.SpinUntil(() => returning.GetAsync("/own").Result.StatusCode == HttpStatusCode.OK, TimeSpan.FromSeconds(20))
            .Should().BeTrue();
    }

    [Test]
    public async Task Elements_keep_their_order_and_are_added_once()
    {
        await using var host = await StartHostAsync();
        var store = host.Services.GetRequiredService<IKeyRingStore>();
        var before = (await store.ReadAsync(CancellationToken.None)).Count;
        foreach (var name in (string[])["b", "a", "b"])
        {
            await store.AddAsync(KeyRingElement.Create(name, $"<{name} text=\"é\" />"), CancellationToken.None);
        }

        var added = (await store.ReadAsync(CancellationToken.None)).Skip(before).ToList();

        added.Select(static element => element.Name).Should().Equal("b", "a");
        added[0].Xml.Should().Be("<b text=\"é\" />");
        added[0].ToString().Should().Be("b");
    }

    [Test]
    public async Task A_missing_migration_and_key_are_named_at_start()
    {
        (await FailsAsync(static options => options.SecretKey = null)).Should().Contain("SUPABASE_SERVICE_ROLE_KEY")
            .And.Contain("PersistDataProtectionKeys()");
        await _standIn.Control.ExecuteAsync("drop function public.read_key_ring(); notify pgrst, 'reload schema'");
        (await FailsAsync()).Should().Contain("20260801000800_session_recovery_key_ring");

        async Task<string> FailsAsync(Action<SupabaseOptions>? configure = null) =>
            (await FluentActions.Awaiting(() => StartHostAsync(configure: configure)).Should().ThrowAsync<InvalidOperationException>())
                .Which.Message;
    }

    // The host configures no other place for the keys, and each host has a folder of its own.
    private async Task<WebApplication> StartHostAsync(OutageGate? gate = null, Action<SupabaseOptions>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory("container-").FullName;
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = folder, ApplicationName = "Studio" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
        builder.Services.AddAuthorization();
        builder.Services.AddSessionRecovery().PersistDataProtectionKeys().UseSupabase(options =>
        {
            _standIn.Configure(options);
            options.MaxReadAttempts = 1;
            configure?.Invoke(options);
        });
        if (gate is not null)
        {
            builder.Services.AddHttpClient("SessionRecovery.Supabase").AddHttpMessageHandler(() => gate);
        }

        var app = builder.Build();
        app.MapPost("/cookie", static context => context.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity(
            [new Claim("sub", "11111111-1111-4111-8111-111111111111")], CookieAuthenticationDefaults.AuthenticationScheme))));
        app.MapGet("/own", static (HttpContext context) => TypedResults.Text(context.User.FindFirst("sub")!.Value))
            .RequireAuthorization();
        app.MapSessionRecovery();
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return app;
    }

    private static HttpClient Client(WebApplication app, string? cookie = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(app.Urls.Single()),
        };
        client.DefaultRequestHeaders.Add("Accept", "application/json");
        if (cookie is not null)
        {
            client.DefaultRequestHeaders.Add("Cookie", cookie);
        }

        return client;
    }
}
