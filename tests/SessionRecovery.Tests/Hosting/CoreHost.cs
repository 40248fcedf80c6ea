using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Sessions;

namespace SessionRecovery.Tests.Hosting;

/// <summary>A host with the core services and a clock that only the test advances.</summary>
internal sealed class CoreHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public CoreHost(Action<CreditOptions>? credits = null, Action<SessionRecoveryBuilder>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMetrics();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton(Store);
        services.AddSingleton<IAccessTokenVerifier>(TokenVerifier);
        services.Configure<CreditOptions>(options =>
        {
            options.MaxAttempts = 1;
            options.RetryDelay = TimeSpan.Zero;
            credits?.Invoke(options);
        });
        var builder = services.AddSessionRecoveryCore<ScriptedTokenVerifier>();
        if (configure is null)
        {
            builder.UseCreditStore<ScriptedStore>();
        }
        else
        {
            configure(builder);
        }

        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    public static UserSession Ann { get; } = new(UserId.Create("ann"), AccessToken.Create("token-of-ann"));

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public ScriptedStore Store { get; } = new();

    public ScriptedTokenVerifier TokenVerifier { get; } = new();

    public ICreditService Credits => Get<ICreditService>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public IEnumerable<T> All<T>() => _services.GetServices<T>();

    public CreditBalance Balance(
        long available, long? version = null, string? incarnation = "store", TimeSpan? holdExpiresIn = null, long held = 0) =>
        new(available, Time.GetUtcNow(), held, version, incarnation, holdExpiresIn);

    /// <summary>Advances the clock until the task completes. Returns the time by which the clock was advanced.</summary>
    public async Task<TimeSpan> AdvanceUntilAsync(Task work)
    {
        var step = TimeSpan.FromMilliseconds(50);
        var advanced = TimeSpan.Zero;
        for (var round = 0; !work.IsCompleted && round < 2_000; round++)
        {
            // Continuations run on the thread pool, so some real time must pass between two steps of the clock.
            await Task.WhenAny(work, Task.Run(static () => Thread.SpinWait(20_000)));
            if (!work.IsCompleted)
            {
                Time.Advance(step);
                advanced += step;
            }
        }

        await work.WaitAsync(TimeSpan.FromSeconds(30));
        return advanced;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
