using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.KeyRing.Internal;
using SessionRecovery.DependencyInjection;
using SessionRecovery.KeyRing;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps sign-ins and signed links across containers.</summary>
public static class SessionRecoveryKeyRingBuilderExtensions
{
    /// <summary>
    /// Keeps the Data Protection key ring in the store of the credits, so that sign-in cookies and signed links survive a restart in a new
    /// container or folder. The order of calls does not matter. The host's own key encryption applies; without one, the keys are stored in
    /// plain text and a warning is logged at start. An application name that the host does not set becomes the name of its assembly.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">Thrown at start: no store is registered, or it is not set up for a key ring.</exception>
    /// <example>
    /// <code>
    /// builder.Services.AddSessionRecovery()
    ///     .UseSqlite("Data Source=/data/credits.db")
    ///     .PersistDataProtectionKeys();
    /// </code>
    /// </example>
    public static SessionRecoveryBuilder PersistDataProtectionKeys(this SessionRecoveryBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddDataProtection();

        // A factory, so that a missing store is reported with its call and not by the validation of the container.
        services.TryAddSingleton(static provider => new KeyRingRepository(
            provider.GetService<IKeyRingStore>() ?? throw new InvalidOperationException(
                "PersistDataProtectionKeys() requires a store. Call AddSessionRecovery().UseSqlite(…) or .UseSupabase(…)."),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<KeyRingRepository>>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<KeyManagementOptions>, KeyRingSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<DataProtectionOptions>, ApplicationNameSetup>());
        return builder;
    }
}
