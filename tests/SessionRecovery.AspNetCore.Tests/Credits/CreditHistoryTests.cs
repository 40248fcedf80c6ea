using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Tests.Credits;

[TestFixture]
internal sealed class CreditHistoryTests
{
    private static readonly UserId Ann = UserId.Create("ann");

    private TemporaryFolder _folder = null!;
    private TestHost _host = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = new TemporaryFolder();
        _host = await TestHost.StartAsync(_folder, map: static app => app.MapPost("/paid", () => Results.Ok()).RequireCredits(5));
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    private ICreditLedger Ledger => _host.Services.GetRequiredService<ICreditLedger>();

    [Test]
    public async Task A_statement_shows_each_change_and_its_request()
    {
        using var client = await _host.SignInAsync("ann");
        await Ledger.GrantAsync(Ann, 50, IdempotencyKey.Create("payment-4711"), "50 credits");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/paid") { Headers = { { "Idempotency-Key", "click-1" } } };
        using var paid = await client.SendAsync(request);
        await Ledger.AdjustAsync(Ann, -5, IdempotencyKey.Create("ticket-1"), "operator-eve", "correction");

        using var response = await client.GetAsync(new Uri("/auth/credits/history", UriKind.Relative));
        var body = await response.Content.ReadAsStringAsync();

        response.Header("Cache-Control").Should().Contain("no-store").And.Contain("private");
        body.Should().NotContainAny("payment-4711", "ticket-1", "operator-eve");
        Rows(JsonDocument.Parse(body).RootElement).Should().Equal(
            "5 adjust -5 140 correction -",
            "4 capture -5 145 - click-1",
            "3 hold 0 150 - click-1",
            "2 grant 50 150 50 credits -",
            "1 init 100 100 - -");
    }

    [Test]
    public async Task A_user_reads_only_their_own_rows()
    {
        using var bob = await _host.SignInAsync("bob");
        await Ledger.GrantAsync(Ann, 50, IdempotencyKey.Create("payment-1"));

        foreach (var query in new[] { "", "?user=ann", "?user_id=ann&before=9" })
        {
            var page = await bob.GetFromJsonAsync<JsonElement>(new Uri("/auth/credits/history" + query, UriKind.Relative));
            page.GetProperty("entries").GetArrayLength().Should().Be(0);
            page.GetProperty("next_before").ValueKind.Should().Be(JsonValueKind.Null);
        }

        using var anonymous = _host.Anonymous();
        using var refused = await anonymous.GetAsync(new Uri("/auth/credits/history", UriKind.Relative));
        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Test]
    public async Task Pages_continue_at_the_given_version()
    {
        using var client = await _host.SignInAsync("ann");
        for (var payment = 0; payment < 4; payment++)
        {
            await Ledger.GrantAsync(Ann, 1, IdempotencyKey.Create($"payment-{payment}"));
        }

        var first = await client.GetFromJsonAsync<JsonElement>(new Uri("/auth/credits/history?limit=3", UriKind.Relative));
        var before = first.GetProperty("next_before").GetInt64();
        var second = await client.GetFromJsonAsync<JsonElement>(
            new Uri($"/auth/credits/history?limit=3&before={before}", UriKind.Relative));

        Versions(first).Should().Equal(5, 4, 3);
        Versions(second).Should().Equal(2, 1);
        second.GetProperty("next_before").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [TestCase("limit=0")]
    [TestCase("limit=101")]
    [TestCase("limit=-1")]
    [TestCase("limit=ten")]
    [TestCase("limit=")]
    [TestCase("limit=1&limit=2")]
    [TestCase("before=0")]
    [TestCase("before=1.5")]
    [TestCase("before=9223372036854775808")]
    public async Task An_invalid_page_is_rejected(string query)
    {
        using var client = await _host.SignInAsync("ann");

        using var response = await client.GetAsync(new Uri($"/auth/credits/history?{query}", UriKind.Relative));

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().Should().Be("invalid_history_page");
    }

    [Test]
    public async Task No_request_can_add_credits()
    {
        using var client = await _host.SignInAsync("ann");
        (await client.GetFromJsonAsync<JsonElement>(new Uri("/auth/credits", UriKind.Relative))).GetProperty("credits").GetInt64()
            .Should().Be(100);

        foreach (var path in new[] { "/auth/credits", "/auth/credits/history", "/auth/credits/grant", "/auth/credits/refund" })
        {
            foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete })
            {
                using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(new { amount = 1000 }) };
                using var response = await client.SendAsync(request);
                response.StatusCode.Should().BeOneOf(HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed);
            }
        }

        (await client.GetFromJsonAsync<JsonElement>(new Uri("/auth/credits?refresh=true", UriKind.Relative))).GetProperty("credits")
            .GetInt64().Should().Be(100);
    }

    private static IEnumerable<long> Versions(JsonElement page) =>
        page.GetProperty("entries").EnumerateArray().Select(static entry => entry.GetProperty("version").GetInt64());

    private static IEnumerable<string> Rows(JsonElement page) =>
        page.GetProperty("entries").EnumerateArray().Select(static entry => string.Join(' ', new[]
        {
            "version", "kind", "amount", "balance", "reason", "request",
        }.Select(member => entry.GetProperty(member) is { ValueKind: not JsonValueKind.Null } value ? value.ToString() : "-")));
}
