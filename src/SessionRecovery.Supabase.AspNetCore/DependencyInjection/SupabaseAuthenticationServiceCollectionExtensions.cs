using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Supabase.AspNetCore;
using SessionRecovery.Supabase.AspNetCore.Authentication.Internal;
using SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;
using SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that add authentication with Supabase access tokens.</summary>
public static class SupabaseAuthenticationServiceCollectionExtensions
{
    /// <summary>
    /// Makes Supabase access tokens the host's default bearer scheme. ES256 and RS256 tokens are verified with the public keys of the
    /// Supabase project. The keys are updated while the host runs, and the last known keys remain usable during an outage of Supabase Auth.
    /// HS256 tokens are verified with the legacy secret if one is configured. A host that already verifies Supabase's tokens keeps its own
    /// scheme and does not need this method.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">
    /// A callback that sets options. The values of the callback override the configuration section
    /// <c>SessionRecovery:SupabaseAuthentication</c>.
    /// </param>
    /// <returns>The authentication builder, with which the host can add further schemes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// The method was called twice, or the host already has a scheme with this name.
    /// </exception>
    /// <example>
    /// <code>
    /// builder.Services.AddSupabaseAuthentication();
    /// builder.Services.AddSessionRecovery().UseSupabase().UseSupabaseLedger();
    /// </code>
    /// </example>
    public static AuthenticationBuilder AddSupabaseAuthentication(
        this IServiceCollection services, Action<SupabaseAuthenticationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(static service => service.ServiceType == typeof(SupabaseTokenHandler)))
        {
            throw new InvalidOperationException("AddSupabaseAuthentication() was called twice.");
        }

        var options = new SessionRecoveryBuilder(services)
            .AddOptions<SupabaseAuthenticationOptions>(
                "SupabaseAuthentication", static (section, authentication) => section.Bind(authentication))
            .ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IPostConfigureOptions<SupabaseAuthenticationOptions>, SupabaseAuthenticationSettings>());
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<SupabaseAuthenticationOptions>, SupabaseAuthenticationOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddDataProtection();
        services.AddHttpClient(SigningKeySource.ClientName)
            .ConfigureHttpClient(static client => client.MaxResponseContentBufferSize = SigningKeySet.MaxLength)
            .UseSocketsHttpHandler(static (handler, _) => handler.AllowAutoRedirect = false)

            // The logs of the HTTP client are disabled, because SigningKeySource logs the result of each request.
            .RemoveAllLoggers();
        services.TryAddSingleton<SigningKeyPersistence>();
        services.TryAddSingleton<SigningKeySource>();
        services.TryAddSingleton<ValidatedTokenCache>();
        services.TryAddSingleton<IValidatedTokenCache>(static provider => provider.GetRequiredService<ValidatedTokenCache>());
        services.TryAddSingleton<ValidationRules>();
        services.TryAddSingleton<SupabaseTokenHandler>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<JwtBearerOptions>, SupabaseBearerSetup>());
        services.AddAuthorization();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<JwtBearerOptions>, JwtBearerPostConfigureOptions>());
        return services
            .AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
            .AddScheme<JwtBearerOptions, SupabaseBearerHandler>(
                JwtBearerDefaults.AuthenticationScheme, displayName: null, configureOptions: null);
    }
}
