using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NUnit.Framework;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Sessions;

/// <summary>
/// Tests that the host's token verifier takes precedence over a provider's verifier, and a provider's verifier over the default verifier,
/// regardless of the order of the calls.
/// </summary>
[TestFixture]
internal sealed class TokenVerifierSelectionTests
{
    [Test]
    public async Task The_host_wins_over_a_provider([Values] bool hostFirst)
    {
        using var host = await StartAsync(builder =>
        {
            _ = hostFirst ? UseProvider(builder.UseAccessTokenVerifier<HostVerifier>())
                : UseProvider(builder).UseAccessTokenVerifier<HostVerifier>();
        });

        host.Services.GetRequiredService<IAccessTokenVerifier>().Should().BeOfType<HostVerifier>();

        static SessionRecoveryBuilder UseProvider(SessionRecoveryBuilder builder) =>
            builder.UseAccessTokenVerifier("UseProvider()", static _ => new ProviderVerifier());
    }

    [Test]
    public async Task A_provider_wins_over_the_default()
    {
        using var host = await StartAsync(static builder =>
            builder.UseAccessTokenVerifier("UseProvider()", static _ => new ProviderVerifier()));

        host.Services.GetRequiredService<IAccessTokenVerifier>().Should().BeOfType<ProviderVerifier>();
    }

    [Test]
    public async Task A_factory_may_leave_the_verification_to_the_next()
    {
        using var host = await StartAsync(static builder => builder
            .UseAccessTokenVerifier(static _ => null)
            .UseAccessTokenVerifier("UseProvider()", static _ => null));

        host.Services.GetRequiredService<IAccessTokenVerifier>().Should().BeOfType<ScriptedTokenVerifier>();
    }

    [Test]
    public async Task The_same_call_twice_is_one_choice()
    {
        using var host = await StartAsync(static builder =>
            builder.UseAccessTokenVerifier<HostVerifier>().UseAccessTokenVerifier<HostVerifier>());

        host.Services.GetRequiredService<IAccessTokenVerifier>().Should().BeOfType<HostVerifier>();
    }

    [Test]
    public async Task Two_verifiers_of_the_host_fail_the_start()
    {
        await ShouldFailAsync(
            "UseAccessTokenVerifier<HostVerifier>() and UseAccessTokenVerifier<ProviderVerifier>() each choose the token verifier*",
            static builder => builder.UseAccessTokenVerifier<HostVerifier>().UseAccessTokenVerifier<ProviderVerifier>());
    }

    [Test]
    public async Task Two_providers_fail_the_start_unless_the_host_chooses()
    {
        static SessionRecoveryBuilder UseBoth(SessionRecoveryBuilder builder) => builder
            .UseAccessTokenVerifier("UseOne()", static _ => new ProviderVerifier())
            .UseAccessTokenVerifier("UseOther()", static _ => new ProviderVerifier());

        await ShouldFailAsync("UseOne() and UseOther() each choose the token verifier*", static builder => UseBoth(builder));
        using var host = await StartAsync(static builder => UseBoth(builder).UseAccessTokenVerifier<HostVerifier>());
        host.Services.GetRequiredService<IAccessTokenVerifier>().Should().BeOfType<HostVerifier>();
    }

    private static async Task ShouldFailAsync(string message, Action<SessionRecoveryBuilder> configure) =>
        await FluentActions.Awaiting(() => StartAsync(configure)).Should().ThrowAsync<Exception>().WithMessage(message);

    private static async Task<IHost> StartAsync(Action<SessionRecoveryBuilder> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddMetrics();
        configure(builder.Services.AddSessionRecoveryCore<ScriptedTokenVerifier>());
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private sealed class HostVerifier : IAccessTokenVerifier
    {
        public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken) =>
            new(TokenVerificationResult.Unavailable);
    }

    private sealed class ProviderVerifier : IAccessTokenVerifier
    {
        public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken) =>
            new(TokenVerificationResult.Unavailable);
    }
}
