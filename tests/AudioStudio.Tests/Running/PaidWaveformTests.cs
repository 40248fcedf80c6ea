using System.Net;
using System.Text.Json;
using AudioStudio.Tests.Waveforms;
using FluentAssertions;
using NUnit.Framework;
using TestRequirements;
using SessionRecovery.Testing.Postgres;
using SupabaseStandIn;

namespace AudioStudio.Tests.Running;

/// <summary>Tests the paid endpoint of the sample AudioStudio, with local storage and with Supabase.</summary>
[TestFixture(false, TestName = "PaidWaveformTests(embedded)")]
[TestFixture(true, TestName = "PaidWaveformTests(Supabase)")]
internal sealed class PaidWaveformTests(bool onSupabase)
{
    private static readonly byte[] GoodWav = new WavFile().Chunk("fmt ", WavFile.Format()).Chunk("data", new byte[16_000]).ToArray();

    private StudioProcess _studio = null!;
    private StandIn? _supabase;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (onSupabase)
        {
            Requirement.Met(ThrowAwayPostgres.UnavailableReason);
            _supabase = await StandIn.StartAsync();
        }

        _studio = _supabase is null
            ? StudioProcess.Start(port: null, "--Supervise", "false")
            : StudioProcess.Start(_supabase, "--Supervise", "false");
        (await _studio.RespondsAsync()).Should().BeTrue();
        await _studio.SignUpAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _studio?.Dispose();
        if (_supabase is not null)
        {
            (await _supabase.Control.AuditAsync()).Should().BeEmpty();
            await _supabase.DisposeAsync();
        }
    }

    [Test]
    public async Task A_waveform_has_400_points_and_one_charge_per_key()
    {
        var name = await _studio.UploadAsync(GoodWav, "audio/wav");
        var before = await _studio.ReadShownCreditsAsync();

        var first = await _studio.DrawAsync(BodyFor(name), "one-key");
        var again = await _studio.DrawAsync(BodyFor(name), "one-key");

        first.Status.Should().Be(HttpStatusCode.OK);
        first.Body.GetProperty("name").GetString().Should().Be(name);
        first.Body.GetProperty("duration_s").GetDouble().Should().Be(1);
        first.Body.GetProperty("peaks").GetArrayLength().Should().Be(400);
        again.Body.GetRawText().Should().Be(first.Body.GetRawText());
        (await _studio.ReadDatabaseCreditsAsync()).Should().Be(before - 5);
    }

    [Test]
    public async Task An_unsupported_format_is_415_and_costs_nothing()
    {
        var name = await _studio.UploadAsync([.. "OggS"u8, .. new byte[100]], "audio/ogg");

        await ExpectProblem(BodyFor(name), HttpStatusCode.UnsupportedMediaType, "not_a_wav");
    }

    [Test]
    public async Task A_broken_header_is_422_and_costs_nothing()
    {
        var name = await _studio.UploadAsync(GoodWav[..30], "audio/wav");

        await ExpectProblem(BodyFor(name), HttpStatusCode.UnprocessableEntity, "broken_wav");
    }

    private static IEnumerable<TestCaseData> NamesWithoutFile()
    {
        yield return new TestCaseData("../studio.db").SetArgDisplayNames("a way up");
        yield return new TestCaseData("%2e%2e%2fstudio.db").SetArgDisplayNames("an encoded way up");
        yield return new TestCaseData("/etc/passwd").SetArgDisplayNames("an absolute path");
        yield return new TestCaseData("a\0b").SetArgDisplayNames("a NUL");
        yield return new TestCaseData(new string('n', 4096)).SetArgDisplayNames("4 KiB");
    }

    [TestCaseSource(nameof(NamesWithoutFile))]
    public Task An_unknown_name_is_404_and_costs_nothing(string name) =>
        ExpectProblem(BodyFor(name), HttpStatusCode.NotFound, "file_not_found");

    [Test]
    public async Task A_foreign_file_is_404_like_a_missing_one()
    {
        var name = await _studio.UploadAsync(GoodWav, "audio/wav");
        var owner = _studio.Http.DefaultRequestHeaders.Authorization;
        try
        {
            await _studio.SignUpAsync();

            await ExpectProblem(BodyFor(name), HttpStatusCode.NotFound, "file_not_found");
        }
        finally
        {
            _studio.Http.DefaultRequestHeaders.Authorization = owner;
        }
    }

    [TestCase("{\"name", "malformed_request")]
    [TestCase("null", "malformed_request")]
    [TestCase("[]", "malformed_request")]
    [TestCase("{}", "name_missing")]
    [TestCase("{\"name\":\"\"}", "name_missing")]
    public Task A_malformed_body_is_400_and_costs_nothing(string body, string code) => ExpectProblem(body, HttpStatusCode.BadRequest, code);

    private static string BodyFor(string name) => JsonSerializer.Serialize(new { name });

    private async Task ExpectProblem(string body, HttpStatusCode status, string code)
    {
        var before = await _studio.ReadShownCreditsAsync();

        var response = await _studio.DrawAsync(body);

        response.Status.Should().Be(status);
        response.Body.GetProperty("code").GetString().Should().Be(code);
        (await _studio.ReadDatabaseCreditsAsync()).Should().Be(before);
    }
}
