using System.Net;
using AudioStudio.Tests.Waveforms;
using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn;
using TestRequirements;

namespace AudioStudio.Tests.Running;

/// <summary>Tests that a user without credits gets new credits once.</summary>
[TestFixture]
internal sealed class RefillTests
{
    private static readonly byte[] Wav = new WavFile().Chunk("fmt ", WavFile.Format()).Chunk("data", new byte[16_000]).ToArray();

    [TestCase(false)]
    [TestCase(true)]
    public async Task Concurrent_refills_add_the_credits_once(bool onSupabase)
    {
        StandIn? supabase = null;
        if (onSupabase)
        {
            Requirement.Met(ThrowAwayPostgres.UnavailableReason);
            supabase = await StandIn.StartAsync();
        }

        await using (supabase)
        {
            using var studio = supabase is null
                ? StudioProcess.Start(port: null, "--Supervise", "false")
                : StudioProcess.Start(supabase, "--Supervise", "false");
            (await studio.RespondsAsync()).Should().BeTrue();
            (await RefillAsync(studio)).Should().Be(HttpStatusCode.Unauthorized);
            await studio.SignUpAsync();
            var name = await studio.UploadAsync(Wav, "audio/wav");
            (await studio.ReadDatabaseCreditsAsync()).Should().Be(100);
            (await RefillAsync(studio)).Should().Be(HttpStatusCode.Conflict, "the user has credits");

            for (var payment = 0; payment < 20; payment++)
            {
                (await studio.DrawAsync($$"""{"name":"{{name}}"}""", $"payment-{payment}")).Status.Should().Be(HttpStatusCode.OK);
            }

            var statuses = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => RefillAsync(studio)));

            statuses.Should().Contain(HttpStatusCode.NoContent).And.OnlyContain(
                static status => status == HttpStatusCode.NoContent || status == HttpStatusCode.Conflict);
            (await studio.ReadDatabaseCreditsAsync()).Should().Be(100);
        }
    }

    private static async Task<HttpStatusCode> RefillAsync(StudioProcess studio)
    {
        using var response = await studio.Http.PostAsync("studio/refill", content: null);
        return response.StatusCode;
    }
}
