using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Tests.Host;

/// <summary>Tests direct requests of a user to Supabase. No request may raise a balance or return data of another user.</summary>
[TestFixture]
internal sealed class AttackTests
{
    private SupabaseHost _host = null!;
    private SignedIn _ada = null!;
    private SignedIn _eve = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await SupabaseHost.StartAsync();
        _ada = await _host.SignUpAsync();
        _eve = await _host.SignUpAsync("eve");
        (await _ada.CreditsAsync()).Should().Be(100);
        (await _eve.CreditsAsync()).Should().Be(100);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_host is not null)
        {
            (await _host.AuditAsync()).Should().BeEmpty();
            await _host.DisposeAsync();
        }
    }

    [TearDown]
    public async Task Check_that_nothing_changed()
    {
        (await _ada.CreditsAsync(refresh: true)).Should().Be(100);
        (await _eve.CreditsAsync(refresh: true)).Should().Be(100);
    }

    [TestCase("PATCH", "user_credits?user_id=eq.{eve}", """{"credits":1000000}""")]
    [TestCase("PATCH", "user_credits?user_id=eq.{eve}", """{"held":0,"version":99}""")]
    [TestCase("POST", "user_credits", """{"user_id":"{eve}","credits":1000000}""")]
    [TestCase("POST", "user_credits?on_conflict=user_id", """{"user_id":"{eve}","credits":1000000}""")]
    [TestCase("DELETE", "user_credits?user_id=eq.{eve}", "")]
    [TestCase("DELETE", "credit_ledger?user_id=eq.{eve}", "")]
    [TestCase("POST", "credit_ledger",
        """{"user_id":"{eve}","version":9,"kind":"grant","amount":1000,"balance_after":1100,"created_at":"2026-01-01T00:00:00Z"}""")]
    [TestCase("POST", "credit_reservations",
        """
        {"user_id":"{eve}","idempotency_key":"x","attempt":1,"amount":1,"state":"held","expires_at":"2030-01-01T00:00:00Z","hold_entry":1,
         "created_at":"2026-01-01T00:00:00Z"}
        """)]
    [TestCase("POST", "usage_logs", """{"user_id":"{eve}","action":"x","credits":1,"created_at":"2026-01-01T00:00:00Z"}""")]
    public async Task A_table_cannot_be_written(string method, string target, string body)
    {
        foreach (var prefer in (string[])["return=minimal", "return=representation", "resolution=merge-duplicates", "tx=rollback"])
        {
            using var response = await SendAsync(method, target, body, prefer);

            response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
            (await response.Content.ReadAsStringAsync()).Should().Contain("42501");
        }
    }

    [TestCase("grant_credits", """{"p_user":"{eve}","p_amount":1000,"p_key":"k"}""")]
    [TestCase("refund_credits", """{"p_user":"{eve}","p_ledger_id":1,"p_amount":1,"p_key":"k"}""")]
    [TestCase("refund_credits", """{"p_user":"{eve}","p_ledger_id":1,"p_amount":null,"p_key":"k","p_reason":"x"}""")]
    [TestCase("adjust_credits", """{"p_user":"{eve}","p_amount":1000,"p_key":"k","p_actor":"eve","p_reason":"x"}""")]
    [TestCase("adjust_credits", """{"p_user":"{ada}","p_amount":-1,"p_key":"k","p_actor":"eve","p_reason":"x"}""")]
    [TestCase("consume_credits", """{"p_user":"{ada}","p_amount":100,"p_key":"k"}""")]
    [TestCase("consume_credits", """{"p_user":"{eve}","p_amount":-100,"p_key":"k"}""")]
    [TestCase("reserve_credits", """{"p_user":"{eve}","p_amount":1,"p_key":"k"}""")]
    [TestCase("capture_reservation", """{"p_user":"{eve}","p_reservation":"33333333-3333-4333-8333-333333333333","p_attempt":1}""")]
    [TestCase("release_reservation", """{"p_user":"{eve}","p_reservation":"33333333-3333-4333-8333-333333333333","p_attempt":1}""")]
    [TestCase("extend_reservation",
        """{"p_user":"{eve}","p_reservation":"33333333-3333-4333-8333-333333333333","p_attempt":1,"p_ttl_seconds":10}""")]
    [TestCase("extend_reservation",
        """{"p_user":"{eve}","p_reservation":"33333333-3333-4333-8333-333333333333","p_attempt":1,"p_ttl_seconds":10,"p_claim":true}""")]
    [TestCase("expire_reservations", "{}")]
    [TestCase("initialize_user_credits", """{"p_user":"{ada}"}""")]
    [TestCase("get_user_credits", """{"p_user":"{ada}"}""")]
    [TestCase("user_credit_history", """{"p_user":"{ada}"}""")]
    [TestCase("active_user_snapshot", "{}")]
    [TestCase("credits_audit", "{}")]
    [TestCase("session_recovery_schema", "{}")]
    [TestCase("read_key_ring", "{}")]
    [TestCase("add_key_ring_element", """{"p_name":"key-1","p_xml":"<key />"}""")]
    public async Task A_server_function_rejects_user_and_anonymous_callers(string function, string body)
    {
        using var asEve = await SendAsync("POST", $"rpc/{function}", body);
        using var anonymous = await SendAsync("POST", $"rpc/{function}", body, token: string.Empty);

        asEve.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        anonymous.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [TestCase("get_my_credits")]
    [TestCase("initialize_my_credits")]
    [TestCase("credit_history")]
    public async Task An_anonymous_caller_is_not_trusted(string function)
    {
        using var response = await SendAsync("POST", $"rpc/{function}", "{}", token: string.Empty);

        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [TestCase("initialize_my_credits", """{"p_amount":1000}""")]
    [TestCase("initialize_my_credits", """{"p_user":"{ada}"}""")]
    [TestCase("get_my_credits", """{"p_user":"{ada}"}""")]
    [TestCase("credit_history", """{"p_user":"{ada}"}""")]
    public async Task A_user_function_accepts_no_user_and_no_amount(string function, string body)
    {
        using var response = await SendAsync("POST", $"rpc/{function}", body);

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await response.Content.ReadAsStringAsync()).Should().Contain("PGRST202");
    }

    [TestCase("user_credits?select=*&user_id=eq.{ada}")]
    [TestCase("credit_ledger?select=*&user_id=eq.{ada}")]
    [TestCase("credit_reservations?select=*&user_id=eq.{ada}")]
    [TestCase("usage_logs?select=*&user_id=eq.{ada}")]
    public async Task Rows_of_another_user_are_invisible(string target)
    {
        using var foreign = await SendAsync("GET", target, body: null);
        using var own = await SendAsync("GET", target.Replace("{ada}", "{eve}", StringComparison.Ordinal), body: null);

        (await foreign.Content.ReadAsStringAsync()).Should().Be("[]");
        own.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [TestCase("initialize_my_credits")]
    [TestCase("get_my_credits")]
    public async Task Initializing_again_grants_nothing(string function)
    {
        using var response = await SendAsync("POST", $"rpc/{function}", "{}");

        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("available").GetInt64().Should().Be(100);
    }

    [TestCase("session_recovery", "settings")]
    [TestCase("session_recovery", "migrations")]
    [TestCase("auth", "users")]
    [TestCase("auth", "refresh_tokens")]
    public async Task Private_schemas_are_not_exposed(string schema, string table)
    {
        foreach (var key in (string[])[_host.StandIn.Keys.Publishable, _host.StandIn.Keys.Secret])
        {
            using var client = _host.Gateway(key == _host.StandIn.Keys.Secret ? null : _eve.Token, key);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/rest/v1/{table}");
            request.Headers.Add("Accept-Profile", schema);
            using var response = await client.SendAsync(request);

            response.StatusCode.Should().Be(HttpStatusCode.NotAcceptable);
            (await response.Content.ReadAsStringAsync()).Should().Contain("PGRST106");
        }
    }

    [Test]
    public async Task A_charge_that_requests_a_rollback_is_committed()
    {
        var mallory = await _host.SignUpAsync("mallory");
        (await mallory.CreditsAsync()).Should().Be(100);
        using var client = _host.Gateway(key: _host.StandIn.Keys.Secret);
        client.DefaultRequestHeaders.Add("Prefer", "tx=rollback");

        using var response =
            await client.PostAsJsonAsync("/rest/v1/rpc/consume_credits", new { p_user = mallory.Id, p_amount = 5, p_key = "k" });

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await mallory.CreditsAsync(refresh: true)).Should().Be(95);
    }

    [TestCase(0)]
    [TestCase(-5)]
    [TestCase(9007199254740992)]
    [TestCase(long.MaxValue)]
    public async Task An_invalid_amount_is_rejected_for_the_server_too(long amount)
    {
        using var client = _host.Gateway(key: _host.StandIn.Keys.Secret);
        using var response =
            await client.PostAsJsonAsync("/rest/v1/rpc/consume_credits", new { p_user = _eve.Id, p_amount = amount, p_key = "k" });

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).Should().Contain("22023");
    }

    [Test]
    public async Task A_request_header_cannot_take_a_server_key()
    {
        var mallory = await _host.SignUpAsync("mallory");
        var user = UserId.Create(mallory.Id);
        (await mallory.CreditsAsync()).Should().Be(100);
        using var first = await mallory.WorkAsync("invoice-7");
        first.StatusCode.Should().Be(HttpStatusCode.OK);

        var debit = await _host.Services.GetRequiredService<ICreditLedger>().ConsumeAsync(user, 5, IdempotencyKey.Create("invoice-7"));

        debit.Should().BeEquivalentTo(new { Status = CreditCommandStatus.Done, Replayed = false });
        (await mallory.CreditsAsync(refresh: true)).Should().Be(90);
    }

    [Test]
    public async Task A_secret_key_is_not_accepted_as_a_user_token()
    {
        foreach (var key in (string[])[_host.StandIn.Keys.Secret, _host.StandIn.Keys.ServiceRole, _host.StandIn.Keys.Anon,
            _host.StandIn.Keys.Publishable])
        {
            (await new SignedIn(_host, _ada.Id, _ada.Email, key, string.Empty).GetAsync("/auth/credits")).Status.Should().Be(401);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        string method, string target, string? body, string? prefer = null, string? token = null)
    {
        string Fill(string text) =>
            text.Replace("{ada}", _ada.Id, StringComparison.Ordinal).Replace("{eve}", _eve.Id, StringComparison.Ordinal);
        using var client = _host.Gateway(token is null ? _eve.Token : token.Length == 0 ? null : token);
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/rest/v1/{Fill(target)}");
        if (!string.IsNullOrEmpty(body))
        {
            request.Content = new StringContent(Fill(body), System.Text.Encoding.UTF8, "application/json");
        }

        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }

        return await client.SendAsync(request);
    }
}
