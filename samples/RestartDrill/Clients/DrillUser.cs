using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using RestartDrill.Ledgers;
using RestartDrill.Results;
using RestartDrill.Running;
using RestartDrill.Stores;

namespace RestartDrill.Clients;

/// <summary>Represents a signed-in user with one file. Each method sends one kind of request and checks the response.</summary>
internal sealed class DrillUser(StudioClient client, string id, string token, string file, SoundFile sound)
{
    private string? _waveform;
    private string? _entityTag;

    public string Id => id;

    public UserLedger Ledger { get; } = new();

    public static async Task<DrillUser> SignUpAsync(IDrillStore store, StudioClient client, Random random, CancellationToken stop)
    {
        var email = $"{Guid.NewGuid():N}@example.org";
        var password = Guid.NewGuid().ToString();
        var sound = SoundFile.Make(random);
        var token = await store.SignUpAsync(client, email, password, stop) ?? throw new DrillException("A new user could not sign up.");
        var upload = Require(await client.UploadAsync(token, sound, stop), HttpStatusCode.Created, "A new user could not upload");
        var credits =
            Require(await client.ReadCreditsAsync(token, versionToken: null, stop), HttpStatusCode.OK,
                "A new user's credits could not be read");
        return new DrillUser(client, credits.Text("user_id"), token, upload.Text("name"), sound);
    }

    /// <returns><see langword="true"/> if the balance was correct.</returns>
    public async Task<bool> ReadCreditsAsync(KillMoment moment, Findings findings, CancellationToken stop)
    {
        var expectation = Ledger.Expect();
        var response = await client.ReadCreditsAsync(token, expectation.VersionToken, stop);
        if (!IsExpected(response, moment, findings, HttpStatusCode.OK))
        {
            return false;
        }

        if (response.BalanceInBody is { } balance)
        {
            return Ledger.Check(balance, expectation, findings);
        }

        findings.Add(FindingKind.WrongResponse, "The server returned no account for a user who has one.");
        return false;
    }

    /// <returns><see langword="true"/> if the client has a response for the payment.</returns>
    public async Task<bool> PayAsync(Payment payment, bool isRepeat, KillMoment moment, Findings findings, CancellationToken stop)
    {
        var expectation = Ledger.Expect();
        var response = await client.PayAsync(token, payment.Key, file, stop);
        if (!IsExpected(response, moment, findings, HttpStatusCode.OK))
        {
            return false;
        }

        if (isRepeat)
        {
            findings.AddRepeat(response.IsReplay);
        }

        Ledger.Acknowledge(payment);
        var waveform = Convert.ToHexStringLower(SHA256.HashData(response.Body));
        if (Interlocked.CompareExchange(ref _waveform, waveform, null) is { } earlier && earlier != waveform)
        {
            findings.Add(FindingKind.WrongResponse, "Two waveforms of one file differ.");
        }

        if (response.BalanceInHeaders is { } balance)
        {
            Ledger.Check(balance, expectation with { Acknowledged = expectation.Acknowledged + 1 }, findings);
        }
        else
        {
            findings.Add(FindingKind.WrongResponse, "A paid response contained no balance.");
        }

        return true;
    }

    public async Task DownloadPartAsync(Random random, KillMoment moment, Findings findings, CancellationToken stop)
    {
        var from = random.Next(sound.Bytes.Length - 1);
        var to = random.Next(from, sound.Bytes.Length);
        var response = await client.DownloadAsync(token, file, new RangeHeaderValue(from, to), stop);
        if (IsExpected(response, moment, findings, HttpStatusCode.PartialContent, FindingKind.FileChanged)
            && (!response.Body.AsSpan().SequenceEqual(sound.Bytes.AsSpan(from, to - from + 1)) || !IsSameTag(response)))
        {
            findings.Add(FindingKind.FileChanged, "A part of a file differs from the uploaded bytes.");
        }
    }

    /// <returns><see langword="true"/> if a response arrived.</returns>
    public async Task<bool> DownloadAsync(KillMoment moment, Findings findings, CancellationToken stop)
    {
        var response = await client.DownloadAsync(token, file, range: null, stop);
        if (!IsExpected(response, moment, findings, HttpStatusCode.OK, FindingKind.FileChanged))
        {
            return false;
        }

        if (Convert.ToHexStringLower(SHA256.HashData(response.Body)) != sound.Sha256 || !IsSameTag(response))
        {
            findings.Add(FindingKind.FileChanged, "The SHA-256 of a file differs from the uploaded file.");
        }

        return true;
    }

    private bool IsSameTag(StudioResponse response) =>
        Interlocked.CompareExchange(ref _entityTag, response.ETag, null) is not { } earlier || earlier == response.ETag;

    private static bool IsExpected(
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] StudioResponse? response,
        KillMoment moment,
        Findings findings,
        HttpStatusCode expected,
        FindingKind otherwise = FindingKind.WrongResponse)
    {
        if (response is null || moment.ResponsesAreLost || response.IsRetryLater)
        {
            return false;
        }

        if (response.Status == expected)
        {
            return true;
        }

        findings.Add(
            response.Status == HttpStatusCode.Unauthorized ? FindingKind.SignInNeeded : otherwise,
            string.Create(CultureInfo.InvariantCulture,
                $"The server returned {(int)response.Status} instead of {(int)expected}: {Encoding.UTF8.GetString(response.Body)}"));
        return false;
    }

    private static StudioResponse Require(StudioResponse? response, HttpStatusCode expected, string otherwise) =>
        response?.Status == expected
            ? response
            : throw new DrillException($"{otherwise}: {(response is null ? "no response" : $"status {(int)response.Status}")}.");
}
