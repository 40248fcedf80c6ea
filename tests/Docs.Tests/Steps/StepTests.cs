using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
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
