using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.Data.Sqlite;
using NUnit.Framework;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn;
using TestRequirements;

namespace Docs.Tests.Steps;

/// <summary>Starts the programs of samples/Steps as a reader of the documentation does, and checks their responses.</summary>
[TestFixture]
internal sealed class StepTests
{
    [Test]
    public async Task Step_0_checks_the_session_of_a_signed_in_user()
    {
        await using var step = new StepProcess("Step0");
        await step.StartedAsync();

        using (var anonymous = await step.Http.GetAsync("/session/health"))
        {
            anonymous.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        }

        await step.SignInAsync("ada");

        (await step.GetAsync("/session/health")).GetProperty("status").GetString().Should().Be("healthy");
    }

    [Test]
    public async Task Step_1_shows_the_balance_of_its_own_table()
    {
        await using var step = new StepProcess("Step1.OwnTable");
        await step.StartedAsync();
        await step.SignInAsync("ada");

        (await step.GetAsync("/auth/credits")).GetProperty("credits").GetInt64().Should().Be(50);
        using var bought = await step.Http.PostAsync("/buy", content: null);

        (await StepProcess.ReadAsync(bought)).GetProperty("available").GetInt64().Should().Be(60);
        (await step.GetAsync("/auth/credits")).GetProperty("credits").GetInt64().Should().Be(60);
    }

    [Test]
    public async Task Step_2_charges_one_key_once()
    {
        await using var step = new StepProcess("Step2.Sqlite");
        await step.StartedAsync();
        await step.SignInAsync("ada");
        (await step.GetAsync("/auth/credits")).GetProperty("credits").GetInt64().Should().Be(100);

        var first = await PayAsync(step, "one");
        var repeat = await PayAsync(step, "one");
        var second = await PayAsync(step, "two");

        repeat.Should().Be(first);
        second.Should().NotBeNull();
        (await step.GetAsync("/auth/credits?refresh=true")).GetProperty("credits").GetInt64().Should().Be(90);
        (await step.GetAsync("/uploads")).GetProperty("files").GetArrayLength().Should().Be(0);
    }

    [Test]
    public async Task The_chat_charges_the_tokens_of_an_answer_once()
    {
        await using var step = new StepProcess("AiChat");
        await step.StartedAsync();
        await step.SignInAsync("ada");

        var prompt = string.Join(' ', Enumerable.Repeat("word", 86));
        var first = await ChatAsync(step, "one", prompt);
        var repeat = await ChatAsync(step, "one", prompt);

        first.Should().Contain("data: word").And.EndWith("event: end\ndata: stop\n\n");
        repeat.Should().Be(first);
        (await GetCreditsAsync(step)).Should().Be(98, "86 + 14 tokens cost 2 credits");
    }

    [Test]
    public async Task The_chat_charges_fractions_of_a_credit_exactly()
    {
        await using var step = new StepProcess("AiChat");
        await step.StartedAsync();
        await step.SignInAsync("ada");
        await step.SignInAsync("bob");
        await ChatAsync(step, "key-0", "hi");
        await step.SignInAsync("ada");

        var balances = new List<long>();
        for (var answer = 0; answer < 10; answer++)
        {
            await ChatAsync(step, $"key-{answer}", "hi");
            balances.Add(await GetCreditsAsync(step));
        }

        balances.Should().Equal([100, 100, 100, 99, 99, 99, 98, 98, 98, 97], "each answer costs 0.3 credits");
    }

    [Test]
    public async Task The_chat_ends_a_stream_at_the_reserved_amount()
    {
        await using var step = new StepProcess("AiChat");
        await step.StartedAsync();
        await step.SignInAsync("ada");

        var text = await ChatAsync(step, "one", "talk on", maxTokens: 10);

        text.Should().EndWith("event: end\ndata: credit_limit\n\n");
        text.Split("data: ").Length.Should().Be(1 + 93 + 1, "2 credits pay for 100 tokens, and the prompt has 7 bytes");
        (await GetCreditsAsync(step)).Should().Be(98);
    }

    [Test]
    public async Task A_client_that_leaves_the_chat_pays_the_prompt()
    {
        await using var step = new StepProcess("AiChat");
        await step.StartedAsync();
        await step.SignInAsync("ada");
        var prompt = $"hang {string.Join(' ', Enumerable.Repeat("w", 998))}";
        using (var request = CreateChat("one", prompt, maxTokens: 100))
        using (var response = await step.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            await using var body = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
            (await body.ReadAsync(new byte[64])).Should().BePositive();
        }

        await WaitForReplayAsync(step, () => CreateChat("one", prompt, maxTokens: 100));

        (await GetCreditsAsync(step)).Should().Be(59, "the prompt of 2000 bytes costs 40 credits, and the words cost a part of one");
    }

    [Test]
    public async Task A_chunked_prompt_is_priced_by_its_length()
    {
        await using var step = new StepProcess("AiChat");
        await step.StartedAsync();
        await step.SignInAsync("ada");
        using var request = CreateChat("one", string.Join(' ', Enumerable.Repeat("word", 86)), maxTokens: 100);
        request.Headers.TransferEncodingChunked = true;

        using var response = await step.Http.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await GetCreditsAsync(step)).Should().Be(98, "86 + 14 tokens cost 2 credits");
    }

    [Test]
    public async Task The_chat_keeps_one_fraction_per_user()
    {
        await using var step = new StepProcess("AiChat");
        await step.StartedAsync();
        foreach (var user in new[] { "ada", "bob" })
        {
            await step.SignInAsync(user);
            await ChatAsync(step, "one", "hi");
            await ChatAsync(step, "two", "hi");
        }

        // The answer "three" was added, and then its request failed.
        Query(step, "update fractions set key = 'three', before_key = 600, thousandths = 900 where user = 'bob'");
        await ChatAsync(step, "three", "hi");

        Query(step, "select group_concat(user || ' ' || thousandths order by user) from fractions").Should().Be("ada 600,bob 900");
    }

    [Test]
    public async Task The_Supabase_step_shows_the_balance_of_a_project()
    {
        Requirement.Met(ThrowAwayPostgres.UnavailableReason);
        await using var project = await StandIn.StartAsync();
        var token = await SignUpAsync(project);
        await using var step = new StepProcess("Supabase", ("SUPABASE_URL", project.Url), ("SUPABASE_ANON_KEY", project.Keys.Publishable));
        await step.StartedAsync();
        step.SignInWith(token);

        (await step.GetAsync("/auth/credits")).GetProperty("credits").GetInt64().Should().Be(100);
        (await step.GetAsync("/session/health")).GetProperty("status").GetString().Should().Be("healthy");
    }

    [Test]
    public async Task The_Supabase_step_without_a_project_names_the_variable()
    {
        await using var step = new StepProcess("Supabase");

        (await step.EndedAsync()).Should().NotBe(0);
        step.Output.Should().Contain("SessionRecovery:Supabase:Url (SUPABASE_URL)");
    }

    private static async Task<string> PayAsync(StepProcess step, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/horoscopes");
        request.Headers.Add("Idempotency-Key", key);
        using var response = await step.Http.SendAsync(request);
        return (await StepProcess.ReadAsync(response)).GetProperty("text").GetString()!;
    }

    private static object? Query(StepProcess step, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={step.Data}/fractions.db;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static HttpRequestMessage CreateChat(string key, string prompt, int maxTokens) =>
        new(HttpMethod.Post, $"/chat?maxTokens={maxTokens}")
        {
            Content = new StringContent(prompt),
            Headers = { { "Idempotency-Key", key } },
        };

    // The capture follows the disconnect, so a repeat receives in_progress until then.
    private static async Task WaitForReplayAsync(StepProcess step, Func<HttpRequestMessage> create)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            using var request = create();
            using var response = await step.Http.SendAsync(request, patience.Token);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                response.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
                return;
            }

            response.StatusCode.Should().Be(HttpStatusCode.Conflict);
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }

    private static async Task<string> ChatAsync(StepProcess step, string key, string prompt, int maxTokens = 100)
    {
        using var request = CreateChat(key, prompt, maxTokens);
        using var response = await step.Http.SendAsync(request);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    private static async Task<long> GetCreditsAsync(StepProcess step) =>
        (await step.GetAsync("/auth/credits?refresh=true")).GetProperty("credits").GetInt64();

    /// <summary>Creates a new user with an account, and returns the access token of the user.</summary>
    private static async Task<string> SignUpAsync(StandIn project)
    {
        using var http = new HttpClient { DefaultRequestHeaders = { { "apikey", project.Keys.Publishable } } };
        var account = new { email = "ada@example.com", password = "long-enough" };
        using var signedUp = await http.PostAsJsonAsync($"{project.Url}/auth/v1/signup", account);
        var token = (await StepProcess.ReadAsync(signedUp)).GetProperty("access_token").GetString()!;
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var initialized = await http.PostAsJsonAsync($"{project.Url}/rest/v1/rpc/initialize_my_credits", new { });
        initialized.EnsureSuccessStatusCode();
        return token;
    }
}
