using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SessionRecovery.Files;
using SessionRecovery.Files.Internal;
using SessionRecovery.Health;
using SessionRecovery.Health.Internal;
using SessionRecovery.Recovery;
using SessionRecovery.Sessions;
using SessionRecovery.Sessions.Internal;
using SessionRecovery.Warming;

namespace SessionRecovery.DependencyInjection;

/// <summary>
/// Configures SessionRecovery. A <c>Use…</c> method selects the only implementation of a service, and an <c>Add…</c> method adds one of
/// several implementations. The order of calls does not matter. A service that the host registered itself is never replaced. The builder is
/// not thread-safe.
/// </summary>
public sealed partial class SessionRecoveryBuilder
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

    /// <summary>
    /// Verifies access tokens with the host's own token verifier. This verifier takes precedence over the verifier of a provider and over
    /// the default verifier.
    /// </summary>
    /// <typeparam name="TVerifier">The type of the token verifier, which is registered as a singleton.</typeparam>
    /// <returns>The builder.</returns>
    /// <remarks>If a second token verifier is registered, the host does not start, and the error message names both calls.</remarks>
    public SessionRecoveryBuilder UseAccessTokenVerifier<[DynamicallyAccessedMembers(Constructors)] TVerifier>()
        where TVerifier : class, IAccessTokenVerifier =>
        AddVerifier(
            TokenVerifierRank.Host,
            $"UseAccessTokenVerifier<{typeof(TVerifier).Name}>()",
            static services => ActivatorUtilities.CreateInstance<TVerifier>(services));

    /// <summary>Verifies access tokens with a token verifier that a callback of the host creates.</summary>
    /// <param name="create">
    /// Creates the token verifier. If the callback returns <see langword="null"/>, the verifier of a provider or the default verifier is
    /// used.
    /// </param>
    /// <returns>The builder.</returns>
    /// <remarks>If a second token verifier is registered, the host does not start, and the error message names both calls.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="create"/> is <see langword="null"/>.</exception>
    public SessionRecoveryBuilder UseAccessTokenVerifier(Func<IServiceProvider, IAccessTokenVerifier?> create) =>
        AddVerifier(TokenVerifierRank.Host, "UseAccessTokenVerifier(…)", create);

    /// <summary>
    /// Verifies access tokens with the token verifier of a provider, unless the host has selected a token verifier. This method is for
    /// provider packages.
    /// </summary>
    /// <param name="call">The text of the host's call for error messages, for example <c>UseSupabase()</c>.</param>
    /// <param name="create">
    /// Creates the token verifier. If the callback returns <see langword="null"/>, the default verifier is used.
    /// </param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="call"/> is <see langword="null"/> or empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="create"/> is <see langword="null"/>.</exception>
    public SessionRecoveryBuilder UseAccessTokenVerifier(string call, Func<IServiceProvider, IAccessTokenVerifier?> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(call);
        return AddVerifier(TokenVerifierRank.Provider, call, create);
    }

    /// <summary>Adds a probe to the health checks of sessions.</summary>
    /// <typeparam name="TProbe">The type of the probe, which is resolved in a new DI scope for each health check.</typeparam>
    /// <param name="name">The unique name of the probe in health reports: 1 to 64 characters in snake_case.</param>
    /// <returns>The builder.</returns>
    /// <remarks>If two probes have the same name, the host does not start, and the error message names both calls.</remarks>
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

    /// <summary>Adds a step to the recovery of sessions. The step runs after the built-in steps.</summary>
    /// <typeparam name="TStep">The type of the step, which is resolved in a new DI scope for each recovery.</typeparam>
    /// <returns>The builder.</returns>
    public SessionRecoveryBuilder AddRecoveryStep<[DynamicallyAccessedMembers(Constructors)] TStep>()
        where TStep : class, IRecoveryStep
    {
        Services.TryAddEnumerable(ServiceDescriptor.Scoped<IRecoveryStep, TStep>());
        return this;
    }

    /// <summary>Sets the source of active users for the cache warm-up. The default source is the credit store.</summary>
    /// <typeparam name="TSource">The type of the source, which is registered as a singleton.</typeparam>
    /// <returns>The builder.</returns>
    public SessionRecoveryBuilder AddActiveUserSource<[DynamicallyAccessedMembers(Constructors)] TSource>()
        where TSource : class, IActiveUserSource
    {
        Services.AddSingleton<IActiveUserSource, TSource>();
        return this;
    }

    /// <summary>
    /// Stores the files of users on the local disk. The file manifest is stored by <c>UseSqlite</c> or by the host's own
    /// <see cref="IFileManifest"/>.
    /// </summary>
    /// <param name="folder">An absolute path on a disk that survives a deployment.</param>
    /// <param name="configure">A callback that sets limits.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is <see langword="null"/> or empty.</exception>
    /// <exception cref="InvalidOperationException">Another file store is already registered.</exception>
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

    /// <summary>Stores the files of users in a file store of the host or of a provider.</summary>
    /// <typeparam name="TStore">The type of the file store, which is registered as a singleton.</typeparam>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">Another file store is already registered.</exception>
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
    /// Registers an options type and binds it to configuration. The binding runs before any code configures the options, so that values set
    /// in code override the configuration.
    /// </summary>
    /// <typeparam name="TOptions">The options type.</typeparam>
    /// <param name="section">The configuration section below <c>SessionRecovery</c>.</param>
    /// <param name="bind">
    /// A callback that binds the section, for example <c>static (section, options) => section.Bind(options)</c>. The call must be in the
    /// caller's code, so that the configuration binding source generator can replace it.
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
                // A section without values is not bound: binding it would have no effect, but would compile the large code of the binder.
                if (services.GetService<IConfiguration>()?.GetSection($"SessionRecovery:{section}") is { } values && values.Exists())
                {
                    bind(values, options);
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

    private sealed class Bound<TOptions>;
}
