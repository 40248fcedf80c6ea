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

/// <summary>A signed-in user with one file. Each method sends one kind of request and checks its response.</summary>
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
        var answer = await client.ReadCreditsAsync(token, expectation.VersionToken, stop);
        if (!IsAnswered(answer, moment, findings, HttpStatusCode.OK))
        {
            return false;
        }

        if (answer.BalanceInBody is { } balance)
        {
            return Ledger.Judge(balance, expectation, findings);
        }

        findings.Add(FindingKind.WrongAnswer, "The server showed no account to a user who has one.");
        return false;
    }

    /// <returns><see langword="true"/> if the client has a response for the payment.</returns>
    public async Task<bool> PayAsync(Payment payment, bool isRepeat, KillMoment moment, Findings findings, CancellationToken stop)
    {
        var expectation = Ledger.Expect();
        var answer = await client.PayAsync(token, payment.Key, file, stop);
        if (!IsAnswered(answer, moment, findings, HttpStatusCode.OK))
        {
            return false;
        }

        if (isRepeat)
        {
            findings.AddRepeat(answer.IsReplay);
        }

        Ledger.Acknowledge(payment);
        var waveform = Convert.ToHexStringLower(SHA256.HashData(answer.Body));
        if (Interlocked.CompareExchange(ref _waveform, waveform, null) is { } earlier && earlier != waveform)
        {
            findings.Add(FindingKind.WrongAnswer, "Two waveforms of one file differ.");
        }

        if (answer.BalanceInHeaders is { } balance)
        {
            Ledger.Judge(balance, expectation with { Acknowledged = expectation.Acknowledged + 1 }, findings);
        }
        else
        {
            findings.Add(FindingKind.WrongAnswer, "A paid answer came without a balance.");
        }

        return true;
    }

    public async Task DownloadPartAsync(Random random, KillMoment moment, Findings findings, CancellationToken stop)
    {
        var from = random.Next(sound.Bytes.Length - 1);
        var to = random.Next(from, sound.Bytes.Length);
        var answer = await client.DownloadAsync(token, file, new RangeHeaderValue(from, to), stop);
        if (IsAnswered(answer, moment, findings, HttpStatusCode.PartialContent, FindingKind.FileChanged)
            && (!answer.Body.AsSpan().SequenceEqual(sound.Bytes.AsSpan(from, to - from + 1)) || !IsSameTag(answer)))
        {
            findings.Add(FindingKind.FileChanged, "A part of a file is not what was uploaded.");
        }
    }

    /// <returns><see langword="true"/> if a response arrived.</returns>
    public async Task<bool> DownloadAsync(KillMoment moment, Findings findings, CancellationToken stop)
    {
        var answer = await client.DownloadAsync(token, file, range: null, stop);
        if (!IsAnswered(answer, moment, findings, HttpStatusCode.OK, FindingKind.FileChanged))
        {
            return false;
        }

        if (Convert.ToHexStringLower(SHA256.HashData(answer.Body)) != sound.Sha256 || !IsSameTag(answer))
        {
            findings.Add(FindingKind.FileChanged, "A file has another SHA-256 than what was uploaded.");
        }

        return true;
    }

    private bool IsSameTag(Answer answer) =>
        Interlocked.CompareExchange(ref _entityTag, answer.ETag, null) is not { } earlier || earlier == answer.ETag;

    private static bool IsAnswered(
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] Answer? answer,
        KillMoment moment,
        Findings findings,
        HttpStatusCode expected,
        FindingKind otherwise = FindingKind.WrongAnswer)
    {
        if (answer is null || moment.AnswersAreLost || answer.SaysLater)
        {
            return false;
        }

        if (answer.Status == expected)
        {
            return true;
        }

        findings.Add(
            answer.Status == HttpStatusCode.Unauthorized ? FindingKind.SignInNeeded : otherwise,
            string.Create(CultureInfo.InvariantCulture,
                $"The server answered {(int)answer.Status} instead of {(int)expected}: {Encoding.UTF8.GetString(answer.Body)}"));
        return false;
    }

    private static Answer Require(Answer? answer, HttpStatusCode expected, string otherwise) =>
        answer?.Status == expected
            ? answer
            : throw new DrillException($"{otherwise}: {(answer is null ? "no answer" : $"status {(int)answer.Status}")}.");
}
