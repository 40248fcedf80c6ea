using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Setup.Internal;

/// <summary>
/// Completes the OpenAPI description: adds the <c>Idempotency-Key</c> header of paid endpoints and the request bodies of our endpoints,
/// which the handlers do not declare, and removes the HEAD operations of our endpoints, which have the name of their GET operation.
/// </summary>
internal sealed class SessionRecoveryApiDescriptionProvider : IApiDescriptionProvider
{
    private static readonly EmptyModelMetadataProvider Metadata = new();

    // The provider runs after the framework's own providers, which have the orders -1100 and -1000.
    public int Order => 0;

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        for (var index = context.Results.Count - 1; index >= 0; index--)
        {
            var description = context.Results[index];
            var metadata = description.ActionDescriptor.EndpointMetadata ?? [];
            if (metadata.OfType<PaidEndpointMetadata>().Any())
            {
                AddIdempotencyKey(description);
            }
            else if (metadata.OfType<RequestBodyMetadata>().FirstOrDefault() is { } body)
            {
                AddRequestBody(description, body);
            }
            else if (metadata.OfType<SessionEndpoint>().Any() && description.HttpMethod is { } method && HttpMethods.IsHead(method))
            {
                context.Results.RemoveAt(index);
            }
        }
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
        // This provider has already completed the descriptions in OnProvidersExecuting.
    }

    private static void AddRequestBody(ApiDescription description, RequestBodyMetadata body)
    {
        description.SupportedRequestFormats.Add(new ApiRequestFormat { MediaType = body.MediaType });
        description.ParameterDescriptions.Add(new ApiParameterDescription
        {
            Name = body.FormField ?? "body",
            Source = body.FormField is null ? BindingSource.Body : BindingSource.FormFile,
            Type = body.Type,
            ModelMetadata = Metadata.GetMetadataForType(body.Type),
            ParameterDescriptor = new ParameterDescriptor { Name = body.FormField ?? "body", ParameterType = body.Type },
            IsRequired = body.FormField is not null,
        });
    }

    private static void AddIdempotencyKey(ApiDescription description)
    {
        if (description.ParameterDescriptions.Any(static parameter => parameter.Name == HeaderNames.IdempotencyKey))
        {
            return;
        }

        description.ParameterDescriptions.Add(new ApiParameterDescription
        {
            Name = HeaderNames.IdempotencyKey,
            Source = BindingSource.Header,
            Type = typeof(string),
            ModelMetadata = Metadata.GetMetadataForType(typeof(string)),
            IsRequired = true,
        });
    }
}
