using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Credits.Internal;
using SessionRecovery.Files;
using SessionRecovery.Files.Internal;
using SessionRecovery.Health;
using SessionRecovery.Health.Internal;
using SessionRecovery.Recovery;
using SessionRecovery.Recovery.Internal;
using SessionRecovery.Sessions;
using SessionRecovery.Sessions.Internal;
using SessionRecovery.Warming;
using SessionRecovery.Warming.Internal;

namespace SessionRecovery.DependencyInjection;

/// <summary>
/// Configures SessionRecovery. A <c>Use…</c> method selects the only implementation of a service; an <c>Add…</c> method adds one of
/// several. The order of calls does not matter, and a service that the host registered itself is never replaced. Not thread-safe.
/// </summary>
public sealed class SessionRecoveryBuilder
{
    private const DynamicallyAccessedMemberTypes Constructors = DynamicallyAccessedMemberTypes.PublicConstructors;

    /// <summary>Creates a builder.</summary>
    /// <param name="services">The host's services.</param>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public SessionRecoveryBuilder(IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        Services = services;
    }

    /// <summary>Gets the host's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Reads balances from the host's own table. Nothing is written and there is no ledger.</summary>
    /// <typeparam name="TReader">The reader, resolved in its own scope per read.</typeparam>
    /// <returns>The builder.</returns>
    /// <remarks>A second source of credits fails the start with a message that names both calls.</remarks>
    public SessionRecoveryBuilder UseCreditReader<[DynamicallyAccessedMembers(Constructors)] TReader>()
        where TReader : class, ICreditReader =>
        UseCreditReader<TReader>($"UseCreditReader<{typeof(TReader).Name}>()");

    /// <summary>Reads balances from a provider's store. This method is for packages that supply a reader.</summary>
    /// <typeparam name="TReader">The reader, resolved in its own scope per read.</typeparam>
    /// <param name="call">The call as the host writes it, for example <c>UseSupabase()</c>; used in messages.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="call"/> is <see langword="null"/> or empty.</exception>
    public SessionRecoveryBuilder UseCreditReader<[DynamicallyAccessedMembers(Constructors)] TReader>(string call)
        where TReader : class, ICreditReader
    {
        ArgumentException.ThrowIfNullOrEmpty(call);
        Services.TryAddScoped<TReader>();
        return AddSource(new CreditSource(call, typeof(TReader), IsLedger: false, Replaces: null));
    }

    /// <summary>Uses a store with a ledger, which can spend credits.</summary>
    /// <typeparam name="TStore">The store, one instance per host.</typeparam>
    /// <returns>The builder.</returns>
    /// <remarks>A second source of credits fails the start with a message that names both calls.</remarks>
    public SessionRecoveryBuilder UseCreditStore<[DynamicallyAccessedMembers(Constructors)] TStore>()
        where TStore : class, ICreditStore =>
        UseCreditStore<TStore>($"UseCreditStore<{typeof(TStore).Name}>()");

    /// <summary>Uses the store of a provider. This method is for packages that supply a store.</summary>
    /// <typeparam name="TStore">The store, one instance per host.</typeparam>
    /// <param name="call">The call as the host writes it, for example <c>UseSqlite()</c>; used in messages.</param>
    /// <param name="replacedReader">A reader of the same provider that this store replaces when both are registered.</param>
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

        return AddSource(new CreditSource(call, typeof(TStore), IsLedger: true, replacedReader));
    }

    /// <summary>
    /// Verifies access tokens with the host's own verifier, which takes precedence over a provider's and over the default one.
    /// </summary>
    /// <typeparam name="TVerifier">The verifier, one instance per host.</typeparam>
    /// <returns>The builder.</returns>
    /// <remarks>A second verifier of the host fails the start with a message that names both calls.</remarks>
    public SessionRecoveryBuilder UseAccessTokenVerifier<[DynamicallyAccessedMembers(Constructors)] TVerifier>()
        where TVerifier : class, IAccessTokenVerifier =>
        AddVerifier(
            TokenVerifierRank.Host,
            $"UseAccessTokenVerifier<{typeof(TVerifier).Name}>()",
            static services => ActivatorUtilities.CreateInstance<TVerifier>(services));

    /// <summary>Verifies access tokens with a verifier that a factory of the host creates.</summary>
    /// <param name="create">
    /// Creates the verifier; <see langword="null"/> leaves the verification to a provider's verifier or to the default one.
    /// </param>
    /// <returns>The builder.</returns>
    /// <remarks>A second verifier of the host fails the start with a message that names both calls.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="create"/> is <see langword="null"/>.</exception>
    public SessionRecoveryBuilder UseAccessTokenVerifier(Func<IServiceProvider, IAccessTokenVerifier?> create) =>
        AddVerifier(TokenVerifierRank.Host, "UseAccessTokenVerifier(…)", create);

    /// <summary>
    /// Verifies access tokens with a provider's verifier, unless the host chooses one. This method is for packages that supply a verifier.
    /// </summary>
    /// <param name="call">The call as the host writes it, for example <c>UseSupabase()</c>; used in messages.</param>
    /// <param name="create">Creates the verifier; <see langword="null"/> leaves the verification to the default one.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="call"/> is <see langword="null"/> or empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="create"/> is <see langword="null"/>.</exception>
    public SessionRecoveryBuilder UseAccessTokenVerifier(string call, Func<IServiceProvider, IAccessTokenVerifier?> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(call);
        return AddVerifier(TokenVerifierRank.Provider, call, create);
    }

    /// <summary>Adds a probe to the health checks of sessions.</summary>
    /// <typeparam name="TProbe">The probe, resolved in its own scope per check.</typeparam>
    /// <param name="name">The name in reports: 1 to 64 characters in snake_case, unique.</param>
    /// <returns>The builder.</returns>
    /// <remarks>Two probes with the same name fail the start with a message that names both calls.</remarks>
    /// <exception cref="ArgumentException">
    /// <paramref name="name"/> is not 1 to 64 lower-case letters, digits and underscores.
    /// </exception>
    public SessionRecoveryBuilder AddProbe<[DynamicallyAccessedMembers(Constructors)] TProbe>(string name)
        where TProbe : class, ISessionProbe
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > 64 || !name.All(
            static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '_'))
        {
            throw new ArgumentException(
                $"The probe name '{name}' is invalid; valid names are 1 to 64 lower-case letters, digits and underscores.", nameof(name));
        }

        var registration = new ProbeRegistration(name, typeof(TProbe));
        if (!Services.Any(service => registration.Equals(service.ImplementationInstance)))
        {
            Services.AddSingleton(registration);
            Services.TryAddScoped<TProbe>();
        }

        return this;
    }

    /// <summary>Adds a step to the recovery of sessions, after the built-in ones.</summary>
    /// <typeparam name="TStep">The step, resolved in its own scope per recovery.</typeparam>
    /// <returns>The builder.</returns>
    public SessionRecoveryBuilder AddRecoveryStep<[DynamicallyAccessedMembers(Constructors)] TStep>()
        where TStep : class, IRecoveryStep
    {
        Services.TryAddEnumerable(ServiceDescriptor.Scoped<IRecoveryStep, TStep>());
        return this;
    }

    /// <summary>Sets the source of active users for the cache warm-up. The default source is the credit store.</summary>
    /// <typeparam name="TSource">The source, one instance per host.</typeparam>
    /// <returns>The builder.</returns>
    public SessionRecoveryBuilder AddActiveUserSource<[DynamicallyAccessedMembers(Constructors)] TSource>()
        where TSource : class, IActiveUserSource
    {
        Services.AddSingleton<IActiveUserSource, TSource>();
        return this;
    }

    /// <summary>
    /// Stores the users' own files on local disk, with their manifest beside the credits (<c>UseSqlite</c>, or the host's
    /// <see cref="IFileManifest"/>).
    /// </summary>
    /// <param name="folder">An absolute path on a disk that survives a deploy.</param>
    /// <param name="configure">Sets limits.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is <see langword="null"/> or empty.</exception>
    /// <exception cref="InvalidOperationException">Another file store is registered already.</exception>
    public SessionRecoveryBuilder AddLocalFiles(string folder, Action<UserFileOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var options = Services.AddOptions<UserFileOptions>().Configure(files => files.Folder = folder);
        if (configure is not null)
        {
            options.Configure(configure);
        }

        Services.TryAddSingleton<FileFolder>();
        Services.AddHostedService<FileSweeper>();
        return AddFileStore<LocalFileStore>();
    }

    /// <summary>Stores the users' files in a store of the host or of a provider.</summary>
    /// <typeparam name="TStore">The store, one instance per host.</typeparam>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">Another file store is registered already.</exception>
    public SessionRecoveryBuilder AddFileStore<[DynamicallyAccessedMembers(Constructors)] TStore>()
        where TStore : class, IFileStore
    {
        if (Services.FirstOrDefault(static service => service.ServiceType == typeof(IFileStore)) is { } registered)
        {
            return registered.ImplementationType == typeof(TStore)
                ? this
                : throw new InvalidOperationException(
                    $"AddFileStore<{typeof(TStore).Name}>() was called, but another file store is registered already. Remove one of the "
                    + "calls.");
        }

        Services.AddSingleton<IFileStore, TStore>();
        Services.AddOptions<UserFileOptions>().ValidateOnStart();
        return this;
    }

    /// <summary>
    /// Registers an options type that is bound from configuration before any code configures it, so that code always wins.
    /// </summary>
    /// <typeparam name="TOptions">The options.</typeparam>
    /// <param name="section">The section below <c>SessionRecovery</c>.</param>
    /// <param name="bind">
    /// Binds the section, for example <c>static (section, options) => section.Bind(options)</c> with the binding generator.
    /// </param>
    /// <returns>The options builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="section"/> is <see langword="null"/> or empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="bind"/> is <see langword="null"/>.</exception>
    public OptionsBuilder<TOptions> AddOptions<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(
        string section, Action<IConfiguration, TOptions> bind)
        where TOptions : class
    {
        ArgumentException.ThrowIfNullOrEmpty(section);
        ArgumentNullException.ThrowIfNull(bind);
        if (!Services.Any(static service => service.ServiceType == typeof(Bound<TOptions>)))
        {
            Services.AddSingleton<Bound<TOptions>>();

            // The binding is inserted first, so that all other configuration of the options runs after it, regardless of the order of
            // registration.
            Services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<TOptions>>(services =>
                new ConfigureOptions<TOptions>(options =>
            {
                if (services.GetService<IConfiguration>() is { } configuration)
                {
                    bind(configuration.GetSection($"SessionRecovery:{section}"), options);
                }
            })));
        }

        return Services.AddOptions<TOptions>();
    }

    private SessionRecoveryBuilder AddVerifier(TokenVerifierRank rank, string call, Func<IServiceProvider, IAccessTokenVerifier?> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Services.AddSingleton(new TokenVerifierRegistration(rank, call, create));
        return this;
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

    private sealed class Bound<TOptions>;
}
