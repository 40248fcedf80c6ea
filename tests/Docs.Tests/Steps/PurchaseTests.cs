using System.Net;
using System.Net.Http.Json;
using FluentAssertions;
using Microsoft.Data.Sqlite;
using NUnit.Framework;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn;
using TestRequirements;

namespace Docs.Tests.Steps;

/// <summary>
/// Delivers the events of a payment provider to the sample <c>Purchases</c>, as a provider does: repeatedly and in any order.
/// </summary>
[TestFixture(PaymentProvider.StripePath)]
[TestFixture(PaymentProvider.StandardPath)]
internal sealed class PurchaseTests(string path)
{
    private const int Deliveries = 5;

    private static readonly (string Name, string Value)[] Secrets =
    [
        ("Webhooks__StripeSecret", PaymentProvider.StripeSecret), ("Webhooks__StandardSecret", PaymentProvider.StandardSecret),
    ];

    private string _user = string.Empty;
    private StepProcess _step = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _step = new StepProcess("Purchases", Secrets);
        await _step.StartedAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _step.DisposeAsync();

    [SetUp]
    public async Task SignInAsync()
    {
        _user = $"user-{Guid.NewGuid():N}";
        await _step.SignInAsync(_user);
        (await GetCreditsAsync(_step)).Should().Be(100);
    }

    [Test]
    public async Task Each_event_counts_once_on_three_nodes()
    {
        Requirement.Met(ThrowAwayPostgres.UnavailableReason);
        await using var project = await StandIn.StartAsync();
        var (user, token) = await SignUpAsync(project);
        (string, string)[] environment =
        [
            .. Secrets, ("SUPABASE_URL", project.Url), ("SUPABASE_ANON_KEY", project.Keys.Publishable),
            ("SUPABASE_SERVICE_ROLE_KEY", project.Keys.Secret),
        ];
        await using var one = new StepProcess("Purchases", environment);
        await using var two = new StepProcess("Purchases", environment);
        await using var three = new StepProcess("Purchases", environment);
        StepProcess[] nodes = [one, two, three];
        foreach (var node in nodes)
        {
            await node.StartedAsync();
            node.SignInWith(token);
            (await GetCreditsAsync(node)).Should().Be(100);
        }

        var provider = new PaymentProvider(path, user);
        await DeliverAsync(nodes, provider.Pay("pay_1"));
        await ShouldHaveAsync(nodes, 600, "the payment counts once");

        await DeliverAsync(nodes, provider.Pay("pay_1"));
        await ShouldHaveAsync(nodes, 600, "another event announces the same payment");

        await DeliverAsync(nodes, provider.Refund("pay_2", before: 0, refunded: 400));
        await ShouldHaveAsync(nodes, 900, "the refund arrives before its payment, and takes back 40 % of it");

        await DeliverAsync(nodes, provider.Pay("pay_2"));
        await ShouldHaveAsync(nodes, 900, "the payment was recorded with its refund");
    }

    [Test]
    public async Task Partial_refunds_take_back_all_credits_in_the_end()
    {
        var provider = new PaymentProvider(path, _user);
        await DeliverAsync([_step], provider.Pay("pay_1"));

        var credits = new List<long>();
        foreach (var (before, refunded) in new[] { (0, 333), (667, 999), (333, 667), (999, 1000) })
        {
            await DeliverAsync([_step], provider.Refund("pay_1", before, refunded));
            credits.Add(await GetCreditsAsync(_step));
        }

        credits.Should().Equal(434, 268, 101, 100);
    }

    [Test]
    public async Task A_refund_takes_back_no_more_than_is_left()
    {
        var provider = new PaymentProvider(path, _user);
        await DeliverAsync([_step], provider.Pay("pay_1"));
        await AdjustAsync(-550);
        var partial = provider.Refund("pay_1", before: 0, refunded: 500);
        var nothing = provider.Refund("pay_1", before: 500, refunded: 1000);

        await DeliverAsync([_step], partial);
        (await GetCreditsAsync(_step)).Should().Be(0, "50 of 250 credits are left");
        await DeliverAsync([_step], nothing);
        await DeliverAsync([_step], provider.Pay("pay_2"));
        await DeliverAsync([_step], partial);
        await DeliverAsync([_step], nothing);

        (await GetCreditsAsync(_step)).Should().Be(500, "a later purchase does not pay for an earlier refund");
    }

    [Test]
    public async Task A_refund_waits_while_credits_are_held()
    {
        var provider = new PaymentProvider(path, _user);
        await DeliverAsync([_step], provider.Pay("pay_1"));
        var refund = provider.Refund("pay_1", before: 0, refunded: 1000);
        await ChangeAsync($"update user_credits set credits = 520 where user_id = '{_user}'");
        await ChangeAsync(
            $"""
            insert into credit_ledger (
                user_id, version, previous, kind, amount, held_delta, balance_after, held_after, reservation_id, created_at)
            select user_id, version + 1, last_entry, 'hold', 0, 100, credits, 100, '{Guid.NewGuid()}', 0
            from user_credits where user_id = '{_user}';
            insert into credit_reservations (
                id, user_id, idempotency_key, attempt, amount, state, expires_at, hold_entry, created_at)
            select reservation_id, user_id, 'work', 1, 100, 'held', 9007199254740991000, id, 0
            from credit_ledger where kind = 'hold' and user_id = '{_user}';
            update user_credits
            set held = 100, version = version + 1, next_hold_expiry = 9007199254740991000,
                last_entry = (select max(id) from credit_ledger)
            where user_id = '{_user}'
            """);

        using (var request = refund())
        {
            (await SendAsync(_step, request)).Should().Be(HttpStatusCode.ServiceUnavailable, "the held credits may come back");
        }

        (await GetCreditsAsync(_step)).Should().Be(420);
        await ChangeAsync($"update user_credits set credits = 620 where user_id = '{_user}'");
        await DeliverAsync([_step], refund);
        (await GetCreditsAsync(_step)).Should().Be(20);
    }

    [Test]
    public async Task Two_events_about_one_refund_count_once()
    {
        var provider = new PaymentProvider(path, _user);

        await DeliverAsync([_step], provider.Refund("pay_1", before: 0, refunded: 400));
        await DeliverAsync([_step], provider.Refund("pay_1", before: 0, refunded: 400));

        (await GetCreditsAsync(_step)).Should().Be(400);
    }

    [Test]
    public async Task An_event_that_is_not_authentic_has_no_effect()
    {
        var provider = new PaymentProvider(path, _user);
        foreach (var change in new Action<HttpRequestMessage>[]
        {
            static request => request.Headers.Clear(),
            static request => SetSignature(request, "v1,"),
            static request => SetSignature(request, "t=1,v1=00"),
            static request => request.Content = JsonContent.Create(new { type = "payment.succeeded" }),
            static request => request.Content = new ByteArrayContent([0xff, 0xfe]),
            static request => request.Content = new ByteArrayContent(new byte[300 * 1024]),
            request => request.RequestUri = new Uri(
                path == PaymentProvider.StripePath ? PaymentProvider.StandardPath : PaymentProvider.StripePath, UriKind.Relative),
        })
        {
            using var request = provider.Pay("pay_1")();
            change(request);
            (await SendAsync(_step, request)).Should().Be(HttpStatusCode.BadRequest);
        }

        using var old = new PaymentProvider(path, _user) { Age = TimeSpan.FromMinutes(6) }.Pay("pay_1")();
        (await SendAsync(_step, old)).Should().Be(HttpStatusCode.BadRequest);
        (await GetCreditsAsync(_step)).Should().Be(100);
    }

    [Test]
    public async Task An_event_is_acknowledged_after_the_ledger_recorded_it()
    {
        var paid = new PaymentProvider(path, _user).Pay("pay_1");
        await using (var other = new SqliteConnection($"Data Source={_step.Data}/credits.db;Pooling=False"))
        {
            await other.OpenAsync();
            await using var locked = other.BeginTransaction(deferred: false);
            using var refused = paid();
            (await SendAsync(_step, refused)).Should().Be(HttpStatusCode.ServiceUnavailable);
        }

        await DeliverAsync([_step], paid);
        (await GetCreditsAsync(_step)).Should().Be(600);
    }

    [Test]
    public async Task The_sample_does_not_start_without_its_secrets()
    {
        await using var step = new StepProcess("Purchases");

        (await step.EndedAsync()).Should().NotBe(0);
        step.Output.Should().Contain("Webhooks:StripeSecret");
    }

    // Changes the balance as another program does.
    private Task AdjustAsync(long amount) =>
        ChangeAsync($"update user_credits set credits = credits + ({amount}) where user_id = '{_user}'");

    private async Task ChangeAsync(string sql)
    {
        await using var other = new SqliteConnection($"Data Source={_step.Data}/credits.db;Pooling=False");
        await other.OpenAsync();
        await using var command = other.CreateCommand();
#pragma warning disable CA2100 // All statements are constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Sends an event five times to each of the nodes, at the same time. Each delivery is acknowledged.</summary>
    private static async Task DeliverAsync(StepProcess[] nodes, Func<HttpRequestMessage> received)
    {
        var statuses = await Task.WhenAll(nodes.SelectMany(node => Enumerable.Range(0, Deliveries).Select(async _ =>
        {
            using var request = received();
            return await SendAsync(node, request);
        })));
        statuses.Should().OnlyContain(static status => status == HttpStatusCode.OK);
    }

    private static void SetSignature(HttpRequestMessage request, string value)
    {
        var name = request.Headers.Select(static header => header.Key).Single(
            static name => name.EndsWith("Signature", StringComparison.OrdinalIgnoreCase));
        request.Headers.Remove(name);
        request.Headers.Add(name, value);
    }

    private static async Task<HttpStatusCode> SendAsync(StepProcess node, HttpRequestMessage request)
    {
        using var response = await node.Http.SendAsync(request);
        return response.StatusCode;
    }

    private static async Task ShouldHaveAsync(StepProcess[] nodes, long credits, string because)
    {
        foreach (var node in nodes)
        {
            (await GetCreditsAsync(node)).Should().Be(credits, because);
        }
    }

    private static async Task<long> GetCreditsAsync(StepProcess node) =>
        (await node.GetAsync("/auth/credits?refresh=true")).GetProperty("credits").GetInt64();

    private static async Task<(string User, string Token)> SignUpAsync(StandIn project)
    {
        using var http = new HttpClient { DefaultRequestHeaders = { { "apikey", project.Keys.Publishable } } };
        using var signedUp = await http.PostAsJsonAsync(
            $"{project.Url}/auth/v1/signup", new { email = "ada@example.com", password = "long-enough" });
        var session = await StepProcess.ReadAsync(signedUp);
        return (session.GetProperty("user").GetProperty("id").GetString()!, session.GetProperty("access_token").GetString()!);
    }
}
