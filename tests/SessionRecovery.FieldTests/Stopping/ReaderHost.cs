using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Warming;

namespace SessionRecovery.FieldTests.Stopping;

/// <summary>A host with a credit reader and a distributed cache, but without a source of active users.</summary>
internal sealed class ReaderHost : IDisposable
{
    private readonly IHost _host;

    private ReaderHost(IHost host) => _host = host;

    public ICacheWarmer Warmer => _host.Services.GetRequiredService<ICacheWarmer>();

    public static async Task<ReaderHost> StartAsync(CountingReader reader, Action<IServiceCollection> addCache)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        addCache(builder.Services);
        builder.Services.AddSingleton(reader);
        builder.Services
            .AddSessionRecoveryCore<NoVerifier>(options => options.Credits.UnversionedCacheDuration = TimeSpan.FromMinutes(10))
            .UseCreditReader<CountingReader>();
        var host = builder.Build();
        await host.StartAsync();
        return new ReaderHost(host);
    }

    public async Task<long> ReadAsync(string user) =>
        (await _host.Services.GetRequiredService<ICreditService>().ReadAsync(new UserSession(UserId.Create(user)))).Balance!.Available;

    public Task StopAsync() => _host.StopAsync();

    public void Dispose() => _host.Dispose();

    private sealed class NoVerifier : IAccessTokenVerifier
    {
        public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
