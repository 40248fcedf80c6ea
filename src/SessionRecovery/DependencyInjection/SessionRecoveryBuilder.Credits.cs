using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Credits.Internal;
using SessionRecovery.Health.Internal;
using SessionRecovery.Recovery.Internal;
using SessionRecovery.Warming;
using SessionRecovery.Warming.Internal;

namespace SessionRecovery.DependencyInjection;

public sealed partial class SessionRecoveryBuilder
{
    /// <summary>Reads balances from the host's own table with a credit reader. A credit reader cannot spend credits.</summary>
    /// <typeparam name="TReader">The type of the reader, which is resolved in a new DI scope for each read.</typeparam>
    /// <returns>The builder.</returns>
    /// <remarks>If a second source of credits is registered, the host does not start, and the error message names both calls.</remarks>
    public SessionRecoveryBuilder UseCreditReader<[DynamicallyAccessedMembers(Constructors)] TReader>()
        where TReader : class, ICreditReader =>
        UseCreditReader<TReader>($"UseCreditReader<{typeof(TReader).Name}>()");

    /// <summary>Reads balances with the credit reader of a provider. This method is for provider packages.</summary>
    /// <typeparam name="TReader">The type of the reader, which is resolved in a new DI scope for each read.</typeparam>
    /// <param name="call">The text of the host's call for error messages, for example <c>UseSupabase()</c>.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="call"/> is <see langword="null"/> or empty.</exception>
    public SessionRecoveryBuilder UseCreditReader<[DynamicallyAccessedMembers(Constructors)] TReader>(string call)
        where TReader : class, ICreditReader
    {
        ArgumentException.ThrowIfNullOrEmpty(call);
        Services.TryAddScoped<TReader>();
        return AddSource(new CreditSource(call, typeof(TReader), IsLedger: false, Replaces: null));
    }

    /// <summary>Uses a credit store with a ledger, which can spend credits.</summary>
    /// <typeparam name="TStore">The type of the store, which is registered as a singleton.</typeparam>
    /// <returns>The builder.</returns>
    /// <remarks>If a second source of credits is registered, the host does not start, and the error message names both calls.</remarks>
    public SessionRecoveryBuilder UseCreditStore<[DynamicallyAccessedMembers(Constructors)] TStore>()
        where TStore : class, ICreditStore =>
        UseCreditStore<TStore>($"UseCreditStore<{typeof(TStore).Name}>()");

    /// <summary>Uses the credit store of a provider. This method is for provider packages.</summary>
    /// <typeparam name="TStore">The type of the store, which is registered as a singleton.</typeparam>
    /// <param name="call">The text of the host's call for error messages, for example <c>UseSqlite()</c>.</param>
    /// <param name="replacedReader">The credit reader of the same provider that this store replaces if both are registered.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="call"/> is <see langword="null"/> or empty.</exception>
    public SessionRecoveryBuilder UseCreditStore<[DynamicallyAccessedMembers(Constructors)] TStore>(
        string call, Type? replacedReader = null)
        where TStore : class, ICreditStore
    {
        ArgumentException.ThrowIfNullOrEmpty(call);
        Services.TryAddSingleton<TStore>();
        Services.TryAddSingleton<ICreditStore>(static services => services.GetRequiredService<TStore>());
        Services.TryAddSingleton<ICreditLedger, CreditLedger>();
        if (typeof(TStore).IsAssignableTo(typeof(ICreditStoreAudit)))
        {
            Services.TryAddSingleton(static services => (ICreditStoreAudit)services.GetRequiredService<ICreditStore>());
        }

        if (typeof(TStore).IsAssignableTo(typeof(ICreditStoreHistory)))
        {
            Services.TryAddSingleton(static services => (ICreditStoreHistory)services.GetRequiredService<ICreditStore>());
        }

        return AddSource(new CreditSource(call, typeof(TStore), IsLedger: true, replacedReader));
    }

    private SessionRecoveryBuilder AddSource(CreditSource source)
    {
        Services.AddSingleton(source);
        Services.TryAddSingleton<CreditSourceSelector>();
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CreditOptions>, CreditSourceSelector>());
        Services.TryAddScoped<ICreditReader>(static services =>
            (ICreditReader)services.GetRequiredService(services.GetRequiredService<CreditSourceSelector>().Reader));
        Services.TryAddSingleton<CreditMetrics>();
        Services.TryAddSingleton<CreditCache>();
        Services.TryAddSingleton<ResilientCreditStore>();
        Services.TryAddSingleton<CreditCommandSender>();
        Services.TryAddSingleton<CreditLoader>();
        Services.TryAddSingleton<AccountInitializer>();
        Services.TryAddSingleton<ICreditService, CreditService>();
        Services.TryAddSingleton<CacheWarmingMetrics>();
        Services.TryAddSingleton<UserHandOver>();
        Services.TryAddSingleton<HandedOverUsers>();
        Services.TryAddSingleton<ICacheWarmer, CacheWarmer>();
        Services.AddHostedService<ActiveUserRecorder>();
        if (!Services.Any(static service => service.ImplementationType == typeof(ReloadCreditsStep)))
        {
            AddProbe<CreditsProbe>(CreditsProbe.Name);
            AddRecoveryStep<ReloadCreditsStep>();
        }

        return this;
    }
}
