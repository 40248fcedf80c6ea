using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Tests.Hosting;
using static SessionRecovery.Supabase.Tests.Hosting.ScriptedSupabase;

namespace SessionRecovery.Supabase.Tests.Resilience;

/// <summary>
/// Tests that a token verification is retried after a delay. The retries must not exceed the timeout of one request or start before
/// Retry-After.
/// </summary>
[TestFixture]
internal sealed class ReadAttemptTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StepTimeout = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _clock = new();

    [TestCase(503)]
    [TestCase(500)]
    [TestCase(522)]
    public async Task A_lost_response_is_retried(int status)
    {
        await using var host = Start();
        host.Supabase.Script = _ => host.Supabase.Requests.Count < 3 ? Html(status) : User();

        (await UntilDoneAsync(VerifyAsync(host))).Status.Should().Be(TokenVerificationStatus.Valid);

        host.Supabase.Requests.Should().HaveCount(3);
    }

    [TestCase(429)]
    [TestCase(402)]
    [TestCase(540)]
    [TestCase(401)]
    public async Task A_throttled_read_is_not_retried_at_once(int status)
    {
        await using var host = Start();
        host.Supabase.Script = _ => Html(status);

        (await VerifyAsync(host).WaitAsync(Patience)).Should().Be(TokenVerificationResult.Unavailable);

        host.Supabase.Requests.Should().ContainSingle();
    }

    [Test]
    public async Task Retry_After_is_respected()
    {
        await using var host = Start();
        host.Supabase.Script = _ => host.Supabase.Requests.Count < 2 ? Json(429, "{}", ("Retry-After", "1")) : User();
        var verifying = VerifyAsync(host);

        for (var i = 0; i < 9; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        host.Supabase.Requests.Should().ContainSingle();
        (await UntilDoneAsync(verifying)).Status.Should().Be(TokenVerificationStatus.Valid);
    }

    [Test]
    public async Task All_read_attempts_share_one_total_timeout()
    {
        await using var host = Start();
        host.Supabase.Script = _ =>
        {
            host.Supabase.Hang = true;
            return Html(503);
        };
        var end = _clock.GetUtcNow() + RequestTimeout;
        var verifying = VerifyAsync(host);
        AdvanceUntil(() => host.Supabase.Requests.Count == 2);

        _clock.Advance(end - _clock.GetUtcNow() - TimeSpan.FromMilliseconds(1));
        verifying.IsCompleted.Should().BeFalse();
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        (await verifying.WaitAsync(Patience)).Should().Be(TokenVerificationResult.Unavailable);
        host.Supabase.Requests.Should().HaveCount(2);
    }

    private ScriptedHost Start() => new(
        static options =>
        {
            options.MaxReadAttempts = 3;
            options.RequestTimeout = RequestTimeout;
        },
        clock: _clock);

    private static Task<TokenVerificationResult> VerifyAsync(ScriptedHost host) =>
        host.Get<IAccessTokenVerifier>().VerifyAsync(ScriptedHost.GetToken(host.Ada), CancellationToken.None).AsTask();

    private static HttpResponseMessage User() => Json(200, """{"id":"11111111-1111-4111-8111-111111111111"}""");

    private async Task<TokenVerificationResult> UntilDoneAsync(Task<TokenVerificationResult> verifying)
    {
        AdvanceUntil(() => verifying.IsCompleted);
        return await verifying;
    }

    // Advances the clock step by step and lets other tasks run after each step, because a delay starts only when a task requests it.
    private void AdvanceUntil(Func<bool> condition)
    {
        for (var step = 0; step < 40 && !SpinWait.SpinUntil(condition, StepTimeout); step++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(200));
        }

        SpinWait.SpinUntil(condition, Patience).Should().BeTrue();
    }
}
