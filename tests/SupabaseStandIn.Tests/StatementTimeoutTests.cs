using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Testing.Postgres;
using TestRequirements;

namespace SupabaseStandIn.Tests;

/// <summary>PostgREST applies the statement timeout of a function before it calls the function.</summary>
[TestFixture]
internal sealed class StatementTimeoutTests
{
    private const string Functions =
        """
        create function public.short_timeout() returns text language plpgsql set statement_timeout = '100ms' as
            $$ begin perform pg_sleep(20); return 'late'; end $$;
        create function public.long_timeout() returns text language plpgsql set statement_timeout = '60s' as
            $$ begin perform pg_sleep(0.5); return 'in time'; end $$;
        alter role service_role set statement_timeout = '200ms';
        notify pgrst, 'reload schema';
        """;

    [Test]
    public async Task A_function_has_its_own_statement_timeout()
    {
        Requirement.Met(ThrowAwayPostgres.UnavailableReason);
        await using var standIn = await StandIn.StartAsync(
            new StandInOptions { DedicatedPostgres = true, Migrations = false, SqlBeforeMigrations = [Functions] });
        using var client = new HttpClient { BaseAddress = new Uri(standIn.Url) };
        client.DefaultRequestHeaders.Add("apikey", standIn.Keys.Secret);

        using var late = await client.PostAsJsonAsync("/rest/v1/rpc/short_timeout", new { });
        using var inTime = await client.PostAsJsonAsync("/rest/v1/rpc/long_timeout", new { });

        late.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await late.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().Should().Be("57014");
        (await inTime.Content.ReadFromJsonAsync<string>()).Should().Be("in time");
    }
}
