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

/// <summary>Adds authentication with Supabase's access tokens, for hosts that have no bearer scheme yet.</summary>
public static class SupabaseAuthenticationServiceCollectionExtensions
{
    /// <summary>
    /// Makes Supabase's access tokens the host's default bearer scheme. ES256 and RS256 tokens are verified with the project's public keys,
    /// which rotate and are revoked without a restart and survive an outage of Auth; HS256 tokens are verified with the legacy secret, if
    /// it is configured. A host that verifies Supabase's tokens already keeps its own scheme.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets options; they win over the section <c>SessionRecovery:SupabaseAuthentication</c>.</param>
    /// <returns>The authentication builder, for further schemes of the host.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">The method was called twice, or the host has a scheme of this name already.</exception>
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

            // The client's own logs are disabled, because the key source logs the result of each fetch.
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
