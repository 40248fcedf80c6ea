using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SessionRecovery.Credits;
using SessionRecovery.Credits.Internal;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Files;
using SessionRecovery.Files.Internal;
using SessionRecovery.Health;
using SessionRecovery.Health.Internal;
using SessionRecovery.Recovery;
using SessionRecovery.Recovery.Internal;
using SessionRecovery.Warming;
using SessionRecovery.Warming.Internal;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The steps of adoption.</summary>
public static class SessionRecoveryBuilderExtensions
{
    /// <summary>Step 1: balances from the host's own table, cached and never a wrong zero. Nothing is written; there is no ledger.</summary>
    /// <typeparam name="TReader">The host's reader: one method. Resolved in a scope of its own for every load.</typeparam>
    /// <exception cref="InvalidOperationException">There is a credit store already, which reads too.</exception>
    public static SessionRecoveryBuilder UseCreditReader<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TReader>(
        this SessionRecoveryBuilder builder)
        where TReader : class, ICreditReader
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.Any(static service => service.ServiceType == typeof(ICreditStore)))
        {
            throw TwoSources();
        }

        builder.Services.TryAddScoped<ICreditReader, TReader>();
        return builder.AddCredits();
    }

    /// <summary>Step 2: a ledger. Called by the packages that bring a store, such as <c>UseSqlite</c>.</summary>
    /// <typeparam name="TStore">The store; one instance for the life of the host.</typeparam>
    /// <exception cref="InvalidOperationException"><c>UseCreditReader&lt;T&gt;()</c> was called, which reads from somewhere else.</exception>
    public static SessionRecoveryBuilder UseCreditStore<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TStore>(
        this SessionRecoveryBuilder builder)
        where TStore : class, ICreditStore
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.Any(static service => service.ServiceType == typeof(ICreditReader))
            && !builder.Services.Any(static service => service.ServiceType == typeof(ICreditStore)))
        {
            throw TwoSources();
        }

        builder.Services.TryAddSingleton<TStore>();
        builder.Services.TryAddSingleton<ICreditStore>(static services => services.GetRequiredService<TStore>());
        builder.Services.TryAddSingleton<ICreditReader>(static services => services.GetRequiredService<ICreditStore>());
        builder.Services.TryAddSingleton<ICreditLedger, CreditLedger>();
        return builder.AddCredits();
    }

    /// <summary>The users' own files, on local disk, with their manifest beside the credits.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="folder">An absolute path on a disk that survives a deploy.</param>
    /// <param name="configure">Limits.</param>
    public static SessionRecoveryBuilder AddLocalFiles(this SessionRecoveryBuilder builder, string folder, Action<UserFileOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        builder.Services.Configure<UserFileOptions>(options => options.Folder = folder);
        if (configure is not null)
        {
            builder.Services.Configure(configure);
        }

        builder.Services.TryAddSingleton<IFileStore>(static services => services.GetService<IFileManifest>() is null
            ? throw new InvalidOperationException("AddLocalFiles(…) keeps its manifest beside the credits. Call .UseSqlite(…) too, or register an IFileManifest.")
            : ActivatorUtilities.CreateInstance<LocalFileStore>(services));
        return builder;
    }

    // A reader that shows one balance and a store that spends another would both be right, and no user could tell.
    private static InvalidOperationException TwoSources() =>
        new("UseCreditReader<T>() and a credit store were both called. The store reads too: take the line of UseCreditReader<T>() out.");

    private static SessionRecoveryBuilder AddCredits(this SessionRecoveryBuilder builder)
    {
        builder.Services.TryAddSingleton<CreditCache>();
        builder.Services.TryAddSingleton<StoreCalls>();
        builder.Services.TryAddSingleton<AccountInitializer>();
        builder.Services.TryAddSingleton<ICreditService, CreditService>();
        builder.Services.TryAddSingleton<ICacheWarmer, CacheWarmer>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ISessionProbe, CreditsProbe>());
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IRecoveryStep, ReloadCreditsStep>());
        return builder;
    }
}
