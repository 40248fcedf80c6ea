using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.Supabase.AspNetCore;
using SessionRecovery.Supabase.AspNetCore.Authentication.Internal;
using SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;
using SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Authentication by Supabase's tokens, for hosts that have none yet.</summary>
public static class SupabaseAuthenticationServiceCollectionExtensions
{
    /// <summary>
    /// Makes Supabase's access tokens the host's default bearer scheme: ES256 and RS256 by the project's public keys, which rotate and are
    /// revoked without a restart and outlive an outage of Auth; HS256 by the legacy secret, if there is one. A host that verifies
    /// Supabase's tokens already keeps its own set-up.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets what the configuration does not.</param>
    /// <returns>The builder, so that the host may add schemes of its own.</returns>
    /// <exception cref="InvalidOperationException">The host has a bearer scheme of this name already.</exception>
    public static AuthenticationBuilder AddSupabaseAuthentication(
        this IServiceCollection services, Action<SupabaseAuthenticationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(static service => service.ServiceType == typeof(SupabaseTokenHandler)))
        {
            throw new InvalidOperationException("AddSupabaseAuthentication() was called twice.");
        }

        var options = services.AddOptions<SupabaseAuthenticationOptions>().BindConfiguration("SessionRecovery:SupabaseAuthentication");
        if (configure is not null)
        {
            options.Configure(configure);
        }

        options.ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<SupabaseAuthenticationOptions>, SupabaseAuthenticationSettings>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SupabaseAuthenticationOptions>, SupabaseAuthenticationOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddDataProtection();
        services.AddHttpClient(SigningKeySource.ClientName)
            .ConfigureHttpClient(static client => client.MaxResponseContentBufferSize = SigningKeySet.MaxLength)
            .UseSocketsHttpHandler(static (handler, _) => handler.AllowAutoRedirect = false)

            // What came of a fetch is logged by the keys themselves.
            .RemoveAllLoggers();
        services.TryAddSingleton<SigningKeyPersistence>();
        services.TryAddSingleton<SigningKeySource>();
        services.TryAddSingleton<ValidatedTokenCache>();
        services.TryAddSingleton<IValidatedTokenCache>(static provider => provider.GetRequiredService<ValidatedTokenCache>());
        services.TryAddSingleton<SupabaseTokenHandler>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<JwtBearerOptions>, SupabaseBearerSetup>());
        services.AddAuthorization();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<JwtBearerOptions>, JwtBearerPostConfigureOptions>());
        return services
            .AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
            .AddScheme<JwtBearerOptions, SupabaseBearerHandler>(JwtBearerDefaults.AuthenticationScheme, displayName: null, configureOptions: null);
    }
}
