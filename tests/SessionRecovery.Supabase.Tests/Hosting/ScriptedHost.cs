using System.Buffers.Text;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Health;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Tests.Hosting;

/// <summary>
/// A host with the core services and the Supabase provider, which sends its requests to a <see cref="ScriptedSupabase"/>. By default every
/// call has one attempt.
/// </summary>
internal sealed class ScriptedHost : IAsyncDisposable
{
    public const string Publishable = "sb_publishable_0123456789";
    public const string Secret = "sb_secret_9876543210";

    private readonly ServiceProvider _services;

    public ScriptedHost(Action<SupabaseOptions>? configure = null, Action<SessionRecoveryBuilder>? build = null,
        Action<CreditOptions>? credits = null, TimeProvider? clock = null)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace));
        services.AddSingleton<ILoggerProvider>(new FakeLoggerProvider(Logs));
        services.AddMetrics();
        services.AddSingleton(clock ?? TimeProvider.System);
        services.Configure<CreditOptions>(options =>
        {
            options.MaxAttempts = 1;
            options.MinRefreshInterval = TimeSpan.Zero;
            credits?.Invoke(options);
        });
        var recovery = services.AddSessionRecoveryCore<UnavailableTokenVerifier>().UseSupabase(options =>
        {
            options.Url = "https://project.supabase.test";
            options.PublishableKey = Publishable;
            options.SecretKey = Secret;
            options.MaxReadAttempts = 1;
            configure?.Invoke(options);
        });
        build?.Invoke(recovery);
        services.AddHttpClient("SessionRecovery.Supabase").ConfigurePrimaryHttpMessageHandler(() => Supabase);
        _services = services.BuildServiceProvider(validateScopes: true);
    }

    public ScriptedSupabase Supabase { get; } = new();

    public FakeLogCollector Logs { get; } = FakeLogCollector.Create(new FakeLogCollectorOptions());

    public UserId Ada { get; } = UserId.Create("11111111-1111-4111-8111-111111111111");

    public ICreditService Credits => Get<ICreditService>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static UserSession GetSession(UserId user, bool isExpired = false) => new(user, GetToken(user, isExpired));

    public static AccessToken GetToken(UserId user, bool isExpired = false)
    {
        var expiresAt = isExpired ? 1_600_000_000 : 4_102_444_800;
        return AccessToken.Create(
            $"{Part("""{"alg":"ES256","typ":"JWT","kid":"k"}""")}."
                + Part($$"""{"sub":"{{user.Value}}","aud":"authenticated","exp":{{expiresAt}},"role":"authenticated"}""")
                + ".c2lnbmF0dXJl");
    }

    public ValueTask<CreditReadResult> ReadAsync(bool isExpired = false) => Credits.ReadAsync(GetSession(Ada, isExpired));

    public ValueTask<SessionHealthReport> CheckAsync(bool isExpired = false) =>
        Get<ISessionHealthMonitor>().CheckAsync(GetSession(Ada, isExpired));

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
