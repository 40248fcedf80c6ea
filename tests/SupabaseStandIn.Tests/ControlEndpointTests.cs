using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FluentAssertions;
using NUnit.Framework;
using TestRequirements;
using SessionRecovery.Testing.Postgres;

namespace SupabaseStandIn.Tests;

/// <summary>Tests the control endpoint, with which other processes control the test double of Supabase.</summary>
[TestFixture]
internal sealed class ControlEndpointTests
{
    private StandIn _standIn = null!;
    private HttpClient _client = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Requirement.Met(ThrowAwayPostgres.UnavailableReason);
        _standIn = await StandIn.StartAsync(new StandInOptions { DedicatedPostgres = true, Durable = true, Migrations = false });
        _client = new HttpClient { BaseAddress = new Uri(_standIn.Url) };
        _client.DefaultRequestHeaders.Add("apikey", _standIn.Keys.Publishable);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _client?.Dispose();
        if (_standIn is not null)
        {
            await _standIn.DisposeAsync();
        }
    }

    [Test]
    public async Task The_database_stops_dies_and_comes_back()
    {
        (await SignUpAsync("before")).Should().Be(HttpStatusCode.OK);
        foreach (var end in new[] { "stop", "kill" })
        {
            await ExecuteAsync("POST", $"/database/{end}");
            (await SignUpAsync($"during-{end}")).Should().Be(HttpStatusCode.InternalServerError);
            await ExecuteAsync("POST", "/database/start");
            (await SignUpAsync($"after-{end}")).Should().Be(HttpStatusCode.OK);
        }

        await ExecuteAsync("POST", "/database/restart");
        (await SignUpAsync("before")).Should().Be(HttpStatusCode.UnprocessableEntity, "the user from before the restart still exists");
    }

    [Test]
    public async Task An_impossible_request_is_rejected_with_a_message()
    {
        using var again = await _client.PostAsync("/control/database/start", null);
        again.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await again.Content.ReadAsStringAsync()).Should().Contain("running");

        using var current = await _client.DeleteAsync($"/control/keys/{_standIn.Control.CurrentKey}");
        current.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await current.Content.ReadAsStringAsync()).Should().Contain("rotate first");
    }

    [TestCase("/faults", """{"kind":"down","sevice":"auth"}""", "sevice")]
    [TestCase("/faults", """{"kind":"sideways"}""", "kind")]
    [TestCase("/clock", """{"advance_minutes":5}""", "advance_minutes")]
    [TestCase("/clock", """{"advance_seconds":"soon"}""", "advance_seconds")]
    [TestCase("/clock", "{}", "advance_seconds")]
    [TestCase("/auth", """{"token_lifetime":60,"tokenBurst":3}""", "tokenBurst")]
    [TestCase("/auth", "[]", "object")]
    public async Task An_unknown_request_is_rejected_and_changes_nothing(string path, string body, string named)
    {
        var lifetime = _standIn.Control.Auth.TokenLifetime;
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync($"/control{path}", content);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).Should().Contain(named);
        _standIn.Control.Auth.TokenLifetime.Should().Be(lifetime);
        using var unharmed = await _client.GetAsync("/auth/v1/health");
        unharmed.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Test]
    public async Task Ledger_faults_are_reported_only_with_a_ledger()
    {
        (await FaultsAsync()).Should().BeEmpty();
        await _standIn.Control.ExecuteAsync(
            """
            create function public.credits_audit() returns jsonb language sql as
                'select jsonb_build_object(''faults'', jsonb_build_array(''One.'', ''Two.''))'
            """);
        try
        {
            (await FaultsAsync()).Should().Equal("One.", "Two.");
            (await _standIn.Control.AuditAsync()).Should().Equal("One.", "Two.");
        }
        finally
        {
            await _standIn.Control.ExecuteAsync("drop function public.credits_audit()");
        }
    }

    [Test]
    public async Task Keys_wait_sign_and_are_revoked()
    {
        var first = _standIn.Control.CurrentKey;
        await ExecuteAsync("POST", "/keys/standby");
        (await PublishedAsync()).Should().Contain(first).And.HaveCount(2);
        _standIn.Control.CurrentKey.Should().Be(first);

        await ExecuteAsync("POST", "/keys/rotate");
        _standIn.Control.CurrentKey.Should().NotBe(first);
        await ExecuteAsync("DELETE", $"/keys/{first}");
        (await PublishedAsync()).Should().Equal(_standIn.Control.CurrentKey);
    }

    [Test]
    public async Task The_clock_advances_stops_and_runs_again()
    {
        var now = DateTimeOffset.UtcNow;
        await ExecuteAsync("POST", "/clock", new JsonObject { ["advance_seconds"] = 3600 });
        _standIn.Control.Now.Should().BeAfter(now.AddSeconds(3599));

        var moment = new DateTimeOffset(2031, 5, 4, 3, 2, 1, TimeSpan.Zero);
        await ExecuteAsync("POST", "/clock", new JsonObject { ["at"] = moment });
        _standIn.Control.Now.Should().Be(moment);

        await ExecuteAsync("DELETE", "/clock");
        _standIn.Control.Now.Should().BeBefore(moment);
    }

    private async Task ExecuteAsync(string method, string path, JsonObject? body = null)
    {
        using var request =
            new HttpRequestMessage(new HttpMethod(method), $"/control{path}") { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await _client.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.NoContent, await response.Content.ReadAsStringAsync());
    }

    private async Task<HttpStatusCode> SignUpAsync(string name)
    {
        using var response =
            await _client.PostAsJsonAsync("/auth/v1/signup", new { email = $"{name}@example.com", password = "password-of-the-test" });
        return response.StatusCode;
    }

    private async Task<IEnumerable<string>> FaultsAsync() =>
        (await _client.GetFromJsonAsync<JsonObject>("/control/audit"))!["faults"]!.AsArray().Select(fault => fault!.ToString());

    private async Task<IEnumerable<string>> PublishedAsync() =>
        (await _client.GetFromJsonAsync<JsonObject>("/auth/v1/.well-known/jwks.json"))!["keys"]!.AsArray()
            .Select(key => key!["kid"]!.ToString());
}
