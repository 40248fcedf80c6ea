using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.KeyRing.Internal;
using SessionRecovery.DependencyInjection;
using SessionRecovery.KeyRing;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that keep sign-in cookies and signed links valid in a new container.</summary>
public static class SessionRecoveryKeyRingBuilderExtensions
{
    /// <summary>
    /// Stores the Data Protection key ring in the credit store, so that sign-in cookies and signed links survive a restart in a new
    /// container or folder. The method can be called before or after the host's own configuration of Data Protection. A key encryption that
    /// the host configures also applies to these keys. Without key encryption, the keys are stored in plain text and a warning is logged at
    /// start. If the host sets no application name for Data Protection, the name of the host's assembly is used.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// No store is registered, or the store is not set up for a key ring. The exception is thrown at startup.
    /// </exception>
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

        // A factory creates the repository. If no store is registered, the factory throws an exception that names the missing call. Without
        // the factory, the DI container would throw an exception that does not name the call.
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
